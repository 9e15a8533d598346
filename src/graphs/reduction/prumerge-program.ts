import { PrumergeError } from "../../errors.js";
import type { PruMergeSettings } from "../../reduce/prumerge-settings.js";
import { visionInputs } from "../contract.js";
import type { ReductionProgram } from "./program.js";

/** PruMerge and PruMerge+: docs/reduction-settings.md. */
export const prumergeProgram: ReductionProgram = {
  name: "prumerge",
  inputs: {
    exact: { name: visionInputs.exact, type: "bool" },
    count: { name: visionInputs.count, type: "int64" },
    iqrFactor: { name: visionInputs.iqrFactor, type: "float32" },
    neighbours: { name: visionInputs.neighbours, type: "int64" },
    spatial: { name: visionInputs.spatial, type: "bool" },
    globalToken: { name: visionInputs.globalToken, type: "bool" },
    rasterOrder: { name: visionInputs.rasterOrder, type: "bool" },
  },
  identity: (patches) => ({ ...identitySettings(patches) }),
  check: (settings, patches) => checkRanges(settings as unknown as PruMergeSettings, patches),
};

/** Every one of `rows` patches, as it is and where it is. */
export function identitySettings(rows: number): PruMergeSettings {
  return {
    exact: true,
    count: rows,
    iqrFactor: 1.5,
    neighbours: 0,
    spatial: false,
    globalToken: false,
    rasterOrder: true,
  };
}

/** Too many neighbours can end the process. */
function checkRanges(settings: PruMergeSettings, patches: number): void {
  const { exact, count, iqrFactor, neighbours, globalToken } = settings;
  const most = patches + (globalToken ? 1 : 0);
  if (!Number.isSafeInteger(count) || count < (exact ? 1 : 0) || (exact && count > most)) {
    refuse("count", exact ? `a whole number, 1 .. ${most}` : "a whole number, 0 or more", count);
  }
  if (!Number.isInteger(neighbours) || neighbours < 0 || neighbours > patches - 1) {
    refuse("neighbours", `a whole number, 0 .. ${patches - 1}`, neighbours);
  }
  if (!(iqrFactor >= 0 && iqrFactor <= 1000)) refuse("iqrFactor", "a number, 0 .. 1000", iqrFactor);
}

function refuse(where: string, expected: string, found: number): never {
  throw new PrumergeError("INVALID_OPTION", "a reduction setting is out of range", {
    expected,
    found: String(found),
    where,
  });
}
