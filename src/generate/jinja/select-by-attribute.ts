import type { Environment } from "@huggingface/jinja";
import { attributeOf, type FilterArguments } from "./filters.js";
import { areEqual, itemsOf, listOf, type Value } from "./values.js";

/** jinja2's `selectattr` and `rejectattr`. */
export function selectByAttribute(
  operand: Value,
  name: string,
  { positional: [path, test, ...more] }: FilterArguments,
  { tests }: Environment,
): Value {
  if (path === undefined) throw new Error(`${name} needs an attribute`);
  const passes = test === undefined ? (value: Value) => value.__bool__().value : testNamed(test.value, tests);
  const wanted = name === "selectattr";
  return listOf(itemsOf(operand).filter((item) => passes(attributeOf(item, path), ...more) === wanted));
}

function testNamed(name: string, tests: unknown): (value: Value, ...more: Value[]) => boolean {
  if (["equalto", "eq", "=="].includes(name)) return (value, other) => areEqual(value, other!);
  if (["ne", "!="].includes(name)) return (value, other) => !areEqual(value, other!);
  if (name === "in") return (value, other) => itemsOf(other!).some((one) => areEqual(one, value));
  const test = (tests as ReadonlyMap<string, (value: Value, ...more: Value[]) => boolean>).get(name);
  if (test === undefined) throw new Error(`Unknown test: ${name}`);
  return test;
}
