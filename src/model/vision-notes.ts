import { runsMethod } from "../reduce/method-support.js";
import { methods } from "../reduce/registry.js";
import type { Engine } from "../runtime/engine.js";

/** What a user should know of what the vision graph cannot do, one sentence each. */
export function notesOn({ vision }: Pick<Engine, "vision">, folder: string): readonly string[] {
  if (vision.kind === "reduces") return [];
  const baked = vision.kind === "baked";
  const how = baked
    ? `has a reduction to ${vision.tokens} tokens baked in, and does not tell which patches it keeps`
    : `only encodes: methods that read its layers do not run (${unable()}), the others mix its rows behind the projector`;
  const wish = baked ? "to choose method and count" : "to run all of them";
  return [`The vision graph in ${folder} ${how}. Convert the checkpoint with prumerge convert ${wish}.`];
}

function unable(): string {
  return methods
    .filter((method) => !runsMethod(method, "encodes"))
    .map(({ name }) => name)
    .join(", ");
}
