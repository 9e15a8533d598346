import { PrumergeError } from "../../errors.js";
import { visionInputs } from "../contract.js";
import type { ReductionProgram } from "./program.js";

/** `cover`: docs/cover.md. */
export const coverProgram: ReductionProgram = {
  name: "cover",
  inputs: {
    exact: { name: visionInputs.exact, type: "bool" },
    count: { name: visionInputs.count, type: "int64" },
    reach: { name: visionInputs.reach, type: "float32" },
  },
  identity: (patches) => ({ exact: true, count: patches, reach: 0 }),
  check({ exact, count, reach }, patches) {
    const fewest = exact ? 1 : 0;
    if (!Number.isSafeInteger(count) || Number(count) < fewest || (exact && Number(count) > patches)) {
      refuse("count", exact ? `a whole number, 1 .. ${patches}` : "a whole number, 0 or more", count);
    }
    if (!(typeof reach === "number" && reach >= 0 && reach <= 2)) refuse("reach", "a number, 0 .. 2", reach);
  },
};

function refuse(where: string, expected: string, found: unknown): never {
  throw new PrumergeError("INVALID_OPTION", "a reduction setting is out of range", {
    expected,
    found: String(found),
    where,
  });
}
