import { divPrune, type Matrix } from "prumerge/reduce";
import { type CaseResult, caseResult, guarded } from "../outcome.js";
import { type RecordedCase, readRecorded, recordedFloats } from "../recorded-case.js";
import {
  gridOf,
  pythonRound,
  refusalDifference,
  selectedBy,
  selectionDifference,
  signalsOf,
} from "../selected.js";
import { derive, float32Noise, hasZeroRow, keepsToTheRule } from "./derive.js";

interface Parameters {
  readonly ratio: number;
  readonly N: number;
  readonly C: number;
}

interface Expected {
  readonly selection_order: readonly number[];
  readonly kept_sorted: readonly number[];
  /** Name of the picks' distances. */
  readonly scores: string;
}

type DivPruneCase = RecordedCase<Parameters, Expected>;

/** Replays every case of a folder of the divprune family. */
export function replayDivPrune(folder: string): CaseResult[] {
  return readRecorded<Parameters, Expected>(folder).map((test) =>
    guarded(test.name, () => replayCase(folder, test)),
  );
}

function replayCase(folder: string, test: DivPruneCase): CaseResult {
  const { ratio, N: count, C: columns } = test.parameters;
  const data = recordedFloats(folder, test.inputs.file, test.inputs.x as string);
  const rows: Matrix = { rows: count, columns, data };
  // Of no patch at all, which the released program may keep, ours keeps one.
  const tokens = Math.max(1, pythonRound(ratio * count));
  const signals = signalsOf(gridOf(count), { projected: rows });
  if (tokens > count) return caseResult(test.name, false, refusalDifference(divPrune({ tokens }), signals));
  const ours = selectedBy(divPrune({ tokens }), signals);
  const picks = test.expected.selection_order ?? [];
  // What the released program returns is no selection where a patch is in it twice.
  const recorded = picks.length === tokens && new Set(picks).size === tokens && test.expected_error === null;
  const derived = derive(rows, tokens);
  const misses = selectionDifference("by the documented rule", ours, sorted(derived.order));
  if (recorded && !test.ambiguous) {
    misses.push(...selectionDifference("recorded", ours, test.expected.kept_sorted!));
  }
  if (!hasZeroRow(rows) && test.expected_error === null) {
    if (!keepsToTheRule(rows, picks)) misses.push(`recorded picks against the rule: ${picks.join(" ")}`);
    misses.push(...scoreDifference(folder, test, derived.scores));
  }
  return caseResult(test.name, recorded, misses);
}

/** Distances of the picks, until nothing but copies is left. */
function scoreDifference(
  folder: string,
  { expected, expected_file }: DivPruneCase,
  ours: readonly number[],
): string[] {
  const recorded = recordedFloats(folder, expected_file, expected.scores!);
  const off = recorded.findIndex((score, at) => {
    return ours[at]! > float32Noise && !(Math.abs(score / ours[at]! - 1) <= float32Noise);
  });
  return off < 0 ? [] : [`pick ${off} at distance ${ours[off]}, recorded ${recorded[off]}`];
}

function sorted(patches: readonly number[]): number[] {
  return [...patches].sort((a, b) => a - b);
}
