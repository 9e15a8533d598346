import { PrumergeError } from "../errors.js";
import type { ReductionProgram } from "../graphs/reduction/program.js";
import { programs } from "../graphs/reduction/programs.js";
import type { GraphReduction } from "../reduce/graph-program.js";
import type { OrtTensor, Session, Tensors } from "./session.js";

/**
 * The scalars that tell a vision graph what to do with N patches.
 *
 * @throws PrumergeError INVALID_OPTION for a reduction that the graph does not hold, and settings that it cannot take
 */
export function programFeeds(
  reduction: GraphReduction,
  session: Session,
  patches: number,
  tensors: Tensors,
): Readonly<Record<string, OrtTensor>> {
  const program = programOf(reduction, session);
  const settings = reduction === "identity" ? program.identity(patches) : reduction.settings;
  program.check(settings, patches);
  return Object.fromEntries(
    Object.entries(program.inputs).map(([setting, { name, type }]) => {
      const value = settings[setting];
      const fits = type === "bool" ? typeof value === "boolean" : typeof value === "number";
      if (!fits) throw refusal(`settings.${setting}`, type, String(value));
      return [name, scalar(tensors, type, value as never)];
    }),
  );
}

/** The one that is asked for, or, to hand on every patch, the one that the graph holds. */
function programOf(reduction: GraphReduction, session: Session): ReductionProgram {
  const held = programs.filter(({ inputs }) =>
    Object.values(inputs).every(({ name }) => session.inputs.some((port) => port.name === name)),
  );
  const found = reduction === "identity" ? held[0] : held.find(({ name }) => name === reduction.name);
  if (found !== undefined) return found;
  const wanted = reduction === "identity" ? "one of ours" : reduction.name;
  throw refusal(session.path, wanted, held.map(({ name }) => name).join(", ") || "none that is known");
}

function scalar(tensors: Tensors, type: "bool" | "int64" | "float32", value: never): OrtTensor {
  if (type === "bool") return tensors.bool(value, []);
  return type === "int64" ? tensors.int64([value], []) : tensors.float32(Float32Array.of(value), []);
}

function refusal(where: string, expected: string, found: string): PrumergeError {
  return new PrumergeError("INVALID_OPTION", "a vision graph cannot carry this reduction out", {
    where,
    expected,
    found,
    help: "Convert the checkpoint again with this version of prumerge",
  });
}
