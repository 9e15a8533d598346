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

/** The first one's graph is what hands on every patch, too. */
function programOf(reduction: GraphReduction, session: Session): ReductionProgram {
  const name = reduction === "identity" ? programs[0].name : reduction.name;
  const program = programs.find((each) => each.name === name)!;
  const ports = session.inputs.map((port) => port.name);
  const missing = Object.values(program.inputs).filter((input) => !ports.includes(input.name));
  if (missing.length === 0) return program;
  throw refusal(session.path, `inputs ${missing.map((input) => input.name).join(", ")}`, ports.join(", "));
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
