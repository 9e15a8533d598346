import { readFileSync } from "node:fs";
import { join } from "node:path";
import { applyPlan, checkPlan, checkSignals, type Matrix, type Signals, tokenMerging } from "prumerge/reduce";
import { everyToken, type MergedTokens, matchTokens, mergeTokens } from "../../../src/reduce/methods/tome.js";
import { planOfRows } from "../../../src/reduce/plan-of-rows.js";
import { type FixtureTensor, floats, readFixture } from "../../support/safetensors.js";
import { hasZeroRow } from "../divprune/derive.js";
import { apart } from "../model-check.js";
import { type CaseResult, caseResult, guarded } from "../outcome.js";
import { derivedStep, eachAlone } from "./derive.js";

/** One case of the tome family as its manifest has it: one step, several, or every k-th token. */
interface TomeCase {
  readonly name: string;
  readonly parameters: {
    readonly r?: number;
    readonly r_list?: readonly number[];
    readonly k?: number;
    readonly class_token?: boolean;
    readonly distill_token?: boolean;
  };
  readonly inputs: { readonly file: string; readonly x: string; readonly metric: string };
  readonly expected_file: string;
  readonly expected: {
    readonly mean?: string;
    readonly wavg?: string;
    readonly size?: string;
    readonly source_groups?: readonly (readonly number[])[];
    readonly final_source_groups?: readonly (readonly number[])[];
    readonly merged_src_tokens_in_order?: readonly number[];
    readonly dst_tokens?: readonly number[];
    readonly unmerged_a_tokens_in_order?: readonly number[];
    readonly unmerge_of_wavg?: string;
    readonly tokens_out?: number;
    readonly r_effective?: number;
    readonly stages?: readonly { readonly x: string; readonly size: string }[];
  };
  readonly expected_error: { readonly type: string } | null;
}

interface Given {
  readonly test: TomeCase;
  readonly x: { readonly rows: number; readonly columns: number; readonly data: Float32Array };
  readonly tokens: MergedTokens;
  readonly recorded: (name: string) => Float32Array;
}

/** Of the largest value. */
const tolerance = 1e-5;

/** Replays every case of a folder of the tome family: the matching and averaging of `tome`, in the order of the released rows. */
export function replayTome(folder: string): CaseResult[] {
  const { cases }: { cases: readonly TomeCase[] } = JSON.parse(
    readFileSync(join(folder, "manifest.json"), "utf8"),
  );
  return cases.map((test) => guarded(test.name, () => replayCase(folder, test)));
}

function replayCase(folder: string, test: TomeCase): CaseResult {
  const { name, parameters, inputs, expected_error: error } = test;
  const tensors = readFixture(join(folder, inputs.file));
  const metric = matrixOf(tensors, inputs.metric);
  checkSignals(patchSignals(matrixOf(tensors, inputs.x), metric)); // what is not finite is refused
  if (error !== null || hasZeroRow(metric)) return ruleResult(test, metric);
  const kind = parameters.k === undefined ? (parameters.r_list === undefined ? oneStep : chain) : everyKth;
  const expected = readFixture(join(folder, test.expected_file));
  const misses = kind({
    test,
    x: matrixOf(tensors, inputs.x),
    tokens: everyToken(metric),
    recorded: (tensor) => floats(expected, tensor),
  });
  return { name, outcome: misses.length === 0 ? "passed" : "missed", detail: misses.join("; ") };
}

/**
 * The released program divides a row of zeros by its length, and what it merges then follows from NaN; or it raises. What ours makes of
 * it is held against the documented rule.
 */
function ruleResult({ name, parameters }: TomeCase, metric: Matrix): CaseResult {
  const {
    r,
    k,
    r_list: steps,
    class_token: classToken = false,
    distill_token: distillToken = false,
  } = parameters;
  const flags = { classToken, distillToken };
  const own = (classToken ? 1 : 0) + (distillToken ? 1 : 0);
  let [ours, theirs] = [everyToken(metric), eachAlone(metric)];
  if (k !== undefined) {
    ours = mergeEveryKth(ours, k);
    theirs = k < 2 ? theirs : derivedStep(theirs, theirs.length, flags, k);
  }
  for (const most of k === undefined ? (steps ?? [r!]) : []) {
    const effective = Math.min(most, Math.floor((theirs.length - own) / 2));
    ours = releasedStep(ours, most, parameters).merged;
    if (effective > 0) theirs = derivedStep(theirs, effective, flags);
  }
  const text = (all: readonly (readonly number[])[]) =>
    all.map((group) => [...group].sort((a, b) => a - b).join(" ")).join("; ");
  const [found, expected] = [text(ours.members), text(theirs.map(({ members }) => members))];
  return caseResult(
    name,
    false,
    found === expected ? [] : [`together ${found}, by the documented rule ${expected}`],
  );
}

function oneStep(given: Given): string[] {
  const { test, tokens, recorded, x } = given;
  const { parameters, expected } = test;
  const { merged, apart: alone, pairs, effective } = releasedStep(tokens, parameters.r!, parameters);
  return [
    ...rowMisses(given, merged, expected.wavg!, expected.size!),
    // Every token counts once here, so that both of the released averages are the same.
    ...rowMisses(given, merged, expected.mean!, expected.size!),
    ...groupMisses(merged, expected.source_groups!),
    ...(effective === expected.r_effective ? [] : [`${effective} merged`]),
    ...differ(
      "merged",
      pairs.map(([source]) => source!),
      expected.merged_src_tokens_in_order,
    ),
    ...differ(
      "into",
      pairs.map(([, target]) => target!),
      expected.dst_tokens,
    ),
    ...differ("left", alone, expected.unmerged_a_tokens_in_order),
    ...(expected.unmerge_of_wavg === undefined
      ? []
      : apartFrom("unmerged", spreadBack(given, merged, alone, pairs), recorded(expected.unmerge_of_wavg))),
    ...(parameters.class_token || parameters.distill_token ? [] : methodMisses(given, merged, x.rows)),
  ];
}

function chain(given: Given): string[] {
  const { test, tokens } = given;
  let state = tokens;
  const misses = test.parameters.r_list!.flatMap((r, at) => {
    state = releasedStep(state, r, test.parameters).merged;
    const { x, size } = test.expected.stages![at]!;
    return rowMisses(given, state, x, size).map((miss) => `step ${at}: ${miss}`);
  });
  return [...misses, ...groupMisses(state, test.expected.final_source_groups!)];
}

/** Every k-th token takes up the others; what is behind the last of them is dropped. */
function everyKth(given: Given): string[] {
  const { test, tokens } = given;
  const merged = mergeEveryKth(tokens, test.parameters.k!);
  return [
    ...rowMisses(given, merged, test.expected.wavg!, test.expected.size!),
    ...groupMisses(merged, test.expected.source_groups!),
  ];
}

function mergeEveryKth(tokens: MergedTokens, k: number): MergedTokens {
  if (k < 2) return tokens;
  const all = Array.from({ length: Math.floor(tokens.members.length / k) * k }, (_, token) => token);
  const targets = all.filter((token) => token % k === k - 1);
  const sources = all.filter((token) => token % k !== k - 1);
  return mergeTokens(tokens, matchTokens(tokens.metric, sources, targets, sources.length).joined);
}

/**
 * A step in the released order: a class token (0) and a distillation token (1) take no part; with a class token what was left of
 * the sources is sorted again, and a distillation token comes right behind it.
 */
function releasedStep(
  tokens: MergedTokens,
  r: number,
  { class_token: classToken = false, distill_token: distillToken = false }: TomeCase["parameters"],
) {
  const count = tokens.members.length;
  const own = (classToken ? 1 : 0) + (distillToken ? 1 : 0);
  const effective = Math.min(r, Math.floor((count - own) / 2));
  const all = Array.from({ length: count }, (_, token) => token);
  if (effective <= 0) return { merged: tokens, apart: all, pairs: [], effective: 0 };
  const sources = all.filter((token) => token % 2 === 0 && !(classToken && token === 0));
  const targets = all.filter((token) => token % 2 === 1 && !(distillToken && token === 1));
  const match = matchTokens(tokens.metric, sources, targets, effective);
  const left = classToken ? [0, ...match.apart].sort((a, b) => a - b) : match.apart;
  const rest = left.slice(classToken ? 1 : 0).map((token) => [token]);
  const groups = [...(classToken ? [[0]] : []), ...(distillToken ? [[1]] : []), ...rest, ...match.joined];
  // In what order the pairs come is told by a match of as many as one wants.
  const into = new Map(
    match.joined.flatMap(([target, ...merged]) => merged.map((source) => [source, target])),
  );
  const rankedAll = matchTokens(tokens.metric, sources, targets, 0).apart;
  const pairs = rankedAll.slice(0, effective).map((source) => [source, into.get(source)!]);
  return { merged: mergeTokens(tokens, groups), apart: left, pairs, effective };
}

/** W X against the recorded rows. */
function rowMisses({ x, recorded }: Given, { members }: MergedTokens, rows: string, sizes: string): string[] {
  return [
    ...apartFrom("rows", applyPlan(planOf(x.rows, members), x).data, recorded(rows)),
    ...differ(
      "sizes",
      members.map(({ length }) => length),
      [...recorded(sizes)],
    ),
  ];
}

function planOf(count: number, members: MergedTokens["members"]) {
  return planOfRows(
    count,
    members.map((columns) => ({
      kept: columns[0]!,
      columns,
      weights: columns.map(() => 1 / columns.length),
    })),
  );
}

function groupMisses({ members }: MergedTokens, recorded: readonly (readonly number[])[]): string[] {
  const sorted = members.map((group) => [...group].sort((a, b) => a - b));
  return JSON.stringify(sorted) === JSON.stringify(recorded) ? [] : ["other tokens together"];
}

/**
 * Rows put back in the places of their tokens as the released program does: as many first rows as sources were left, then one for
 * each odd token. With a distillation token, which stands second among the rows, it mistakes rows for their neighbours.
 */
function spreadBack(
  { x }: Given,
  { members }: MergedTokens,
  left: readonly number[],
  pairs: readonly (readonly number[])[],
): Float32Array {
  const rows = applyPlan(planOf(x.rows, members), x).data;
  const back = new Float32Array(x.data.length);
  const put = (token: number, row: number) =>
    back.set(rows.subarray(row * x.columns, (row + 1) * x.columns), token * x.columns);
  const behind = (odd: number) => left.length + (odd - 1) / 2;
  left.forEach(put);
  for (let odd = 1; odd < x.rows; odd += 2) put(odd, behind(odd));
  for (const [source, target] of pairs) put(source!, behind(target!));
  return back;
}

/** The method itself, where it does the same: patches alone, and one step. */
function methodMisses({ x, tokens }: Given, { members }: MergedTokens, patches: number): string[] {
  const { metric } = tokens;
  const plan = tokenMerging({ tokens: members.length }).plan(patchSignals(x, metric));
  checkPlan(plan);
  const inOrder = [...members].sort((a, b) => a[0]! - b[0]!);
  const expected = applyPlan(planOf(patches, inOrder), x).data;
  return apart("the method's rows", applyPlan(plan, x).data, expected, 0);
}

/** Tokens as the patches of a tower without a class token. */
function patchSignals(patches: Matrix, metric: Matrix): Signals {
  const grid = { rows: 1, columns: patches.rows };
  return { grid, patches, keys: metric, queries: metric, classToken: false, heads: 1 };
}

function differ(what: string, ours: readonly number[], recorded: readonly number[] | undefined): string[] {
  if (recorded === undefined || ours.join() === recorded.join()) return [];
  return [`${what} ${ours.join(" ")}, recorded ${recorded.join(" ")}`];
}

function apartFrom(what: string, ours: Float32Array, recorded: Float32Array): string[] {
  const largest = recorded.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return apart(what, ours, recorded, tolerance * largest);
}

function matrixOf(tensors: ReadonlyMap<string, FixtureTensor>, name: string) {
  const [, rows = 0, columns = 0] = tensors.get(name)!.shape;
  return { rows, columns, data: floats(tensors, name) };
}
