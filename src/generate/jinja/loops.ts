import type { Environment } from "@huggingface/jinja";
import type { Node } from "./node.js";
import { itemsOf, make, type Value } from "./values.js";

/** Sets a variable of one scope. */
export function setVariable(scope: Environment, name: string, value: Value): void {
  (scope as unknown as { setVariable(name: string, value: Value): void }).setVariable(name, value);
}

/** Gives a loop's variable, or several, one item. */
export function bind(target: Node, item: Value, scope: Environment): void {
  if (target.type === "Identifier") {
    setVariable(scope, target.value, item);
    return;
  }
  if (target.type !== "TupleLiteral") throw new Error(`bad loop variable: ${target.type}`);
  const names: readonly Node[] = target.value;
  const parts = itemsOf(item);
  if (parts.length !== names.length)
    throw new Error(`expected ${names.length} values to unpack, got ${parts.length}`);
  for (const [i, name] of names.entries()) bind(name, parts[i]!, scope);
}

/** `loop` in the turn of item `i`. */
export function loopOf(items: readonly Value[], i: number): Value {
  const loop = make({
    index: i + 1,
    index0: i,
    revindex: items.length - i,
    revindex0: items.length - i - 1,
    first: i === 0,
    last: i === items.length - 1,
    length: items.length,
  });
  loop.value.set("previtem", items[i - 1] ?? make(undefined));
  loop.value.set("nextitem", items[i + 1] ?? make(undefined));
  return loop;
}
