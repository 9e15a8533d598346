import type { Environment } from "@huggingface/jinja";
import { attributeOf } from "./attribute.js";
import type { FilterArguments } from "./filter-arguments.js";
import {
  areEqual,
  isList,
  isMap,
  isNumber,
  isText,
  isUndefined,
  itemsOf,
  listOf,
  type Value,
} from "./values.js";

type Test = (value: Value, ...more: Value[]) => boolean;

const isEqual: Test = (value, other) => areEqual(value, other!);
const differs: Test = (value, other) => !areEqual(value, other!);

/** Tests of jinja2 that @huggingface/jinja 0.5 lacks, or answers otherwise. */
const tests: Readonly<Record<string, Test>> = {
  eq: isEqual,
  equalto: isEqual,
  "==": isEqual,
  ne: differs,
  "!=": differs,
  in: (value, other) => itemsOf(other!).some((one) => areEqual(one, value)),
  iterable: (value) => isList(value) || isMap(value) || isText(value) || isUndefined(value),
  number: isNumber,
};

/** @throws Error for tests that are not known */
export function testNamed(name: string, environment: Environment): Test {
  const theirs = (environment.tests as ReadonlyMap<string, unknown>).get(name) as Test | undefined;
  const test = Object.hasOwn(tests, name) ? tests[name] : theirs;
  if (test === undefined) throw new Error(`Unknown test: ${name}`);
  return test;
}

/** jinja2's filters that keep items by a test, of themselves or of an attribute, and whether those that pass. */
const selections: Readonly<Record<string, { readonly byAttribute: boolean; readonly passing: boolean }>> = {
  select: { byAttribute: false, passing: true },
  reject: { byAttribute: false, passing: false },
  selectattr: { byAttribute: true, passing: true },
  rejectattr: { byAttribute: true, passing: false },
};

/** The items that a filter of that name keeps; `undefined` where it is none of these filters. */
export function select(
  operand: Value,
  name: string,
  args: () => FilterArguments,
  environment: Environment,
): Value | undefined {
  const selection = Object.hasOwn(selections, name) ? selections[name] : undefined;
  if (selection === undefined) return undefined;
  const given = args();
  const path = selection.byAttribute ? given.take(0, "attribute") : undefined;
  if (selection.byAttribute && path === undefined) throw new Error(`${name} needs an attribute`);
  const [test, ...more] = given.rest(selection.byAttribute ? 1 : 0);
  given.refuseOthers(name);
  const passes =
    test === undefined ? (value: Value) => value.__bool__().value : testNamed(test.value, environment);
  const subject = (item: Value) => (path === undefined ? item : attributeOf(item, path));
  return listOf(itemsOf(operand).filter((item) => passes(subject(item), ...more) === selection.passing));
}
