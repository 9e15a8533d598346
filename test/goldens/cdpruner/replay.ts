import { cdPruner, type Matrix, questionRelevance } from "prumerge/reduce";
import { type CaseResult, caseResult, guarded } from "../outcome.js";
import { ofPicture, type RecordedCase, readRecorded, recordedFloats } from "../recorded-case.js";
import { gridOf, refusalDifference, selectedBy, selectionDifference, signalsOf } from "../selected.js";
import {
  derive,
  float32Noise,
  keepsToTheRule,
  rangeOf,
  rawRelevance,
  scaledTogether,
  unitRows,
} from "./derive.js";

interface Parameters {
  readonly visual_token_num: number;
  readonly N: number;
  readonly C: number;
  readonly embed_dim: number;
  readonly text_segments: number;
  readonly batch: number;
}

interface Expected {
  readonly selection_order: readonly (readonly number[])[];
  readonly kept_sorted: readonly (readonly number[])[];
  /** Name of the scaled relevances, [B, N]. */
  readonly relevance: string;
  /** Name of what each pick added, [T, B]. */
  readonly d2_at_pick: string;
}

type CdPrunerCase = RecordedCase<Parameters, Expected>;

/** Replays every case of a folder of the cdpruner family. */
export function replayCdPruner(folder: string): CaseResult[] {
  return readRecorded<Parameters, Expected>(folder).map((test) =>
    guarded(test.name, () => replayCase(folder, test)),
  );
}

function replayCase(folder: string, test: CdPrunerCase): CaseResult {
  const {
    visual_token_num: asked,
    N: count,
    C,
    embed_dim: width,
    text_segments: parts,
    batch,
  } = test.parameters;
  const { file } = test.inputs;
  const data = (name: string) => recordedFloats(folder, file, name);
  const pictures = (name: string, columns: number): Matrix[] =>
    Array.from({ length: batch }, (_, at) => ({
      rows: count,
      columns,
      data: ofPicture(data(name), at, batch),
    }));
  const projected = pictures("image_features", C);
  const embeds = pictures("image_embeds", width);
  const question: Matrix = { rows: parts, columns: width, data: data("text_embeds") };
  const relevance = embeds.map((each) => questionRelevance(each, question));
  const range = rangeOf(relevance.map((each) => [...each]));
  const derivedRelevance = embeds.map((each) => rawRelevance(each, question));
  const weights = scaledTogether(derivedRelevance);
  // Of no patch at all ours keeps one.
  const tokens = Math.max(1, asked);
  const reducer = cdPruner({
    tokens,
    ...(batch > 1 && { compatibility: "released", relevanceRange: range }),
  });
  // What the released program makes NaN of.
  const undefinedThere =
    [...projected, ...embeds, question].some((each) =>
      unitRows(each).some((row) => row.every((value) => value === 0)),
    ) || new Set(weights.flat()).size === 1;
  const misses: string[] = [];
  let recorded = test.expected_error === null && asked >= 1 && !undefinedThere;
  for (const [at, rows] of projected.entries()) {
    const signals = signalsOf(gridOf(count), { projected: rows, relevance: relevance[at]! });
    if (tokens > count) return caseResult(test.name, false, refusalDifference(reducer, signals));
    const ours = selectedBy(reducer, signals);
    const derived = derive(rows, weights[at]!, tokens);
    misses.push(...selectionDifference("by the documented rule", ours, sorted(derived.order)));
    if (test.expected_error !== null || undefinedThere) continue;
    const picks = test.expected.selection_order![at]!;
    if (picks.length !== tokens || new Set(picks).size < picks.length) recorded = false;
    else if (!test.ambiguous)
      misses.push(...selectionDifference("recorded", ours, test.expected.kept_sorted![at]!));
    if (!keepsToTheRule(rows, weights[at]!, picks))
      misses.push(`recorded picks against the rule: ${picks.join(" ")}`);
    misses.push(...scoreDifference(folder, test, at, weights[at]!, derived.added.slice(0, asked)));
  }
  return caseResult(test.name, recorded, misses);
}

/** Of the scaled relevance, and of what each pick added, until only float32's noise is left. */
function scoreDifference(
  folder: string,
  { expected, expected_file, parameters }: CdPrunerCase,
  picture: number,
  weights: readonly number[],
  added: readonly number[],
): string[] {
  const { batch } = parameters;
  const relevance = ofPicture(recordedFloats(folder, expected_file, expected.relevance!), picture, batch);
  // Differences of cosines in float32: 1e-5 of the whole range.
  const worst = weights.reduce((most, weight, at) => Math.max(most, Math.abs(weight - relevance[at]!)), 0);
  const misses = worst <= 1e-5 ? [] : [`relevance off by ${worst}`];
  const recorded = recordedFloats(folder, expected_file, expected.d2_at_pick!.replace(/ .*$/, ""));
  const off = added.findIndex(
    (value, at) => value > float32Noise && !(Math.abs(recorded[at * batch + picture]! - value) <= 1e-5),
  );
  if (off >= 0) misses.push(`pick ${off} adds ${added[off]}, recorded ${recorded[off * batch + picture]}`);
  return misses;
}

function sorted(patches: readonly number[]): number[] {
  return [...patches].sort((a, b) => a - b);
}
