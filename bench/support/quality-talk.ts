import { type LoadedModel, loadModel, RememberedSight } from "../../dist/index.js";
import type { Verdict } from "../../src/eval/task.js";
import { findTask } from "../../src/eval/tasks/registry.js";
import { createReducer, type Reducer } from "../../src/reduce/index.js";
import type { Positions } from "../../src/see/row-place.js";

/** A way of seeing that is talked to. */
interface Talker {
  readonly name: string;
  readonly positions: Positions;
  readonly reducer: Reducer;
}

export interface Talk {
  readonly name: string;
  readonly positions: Positions;
  readonly tokens: number;
  /** Words that a description shares with the unreduced model's, F1 over pictures, percent. */
  readonly description: number;
  /** Percent right of the first, second and third question of a conversation, of each other's own picture. */
  readonly turns: readonly number[];
}

const turns = 3;
const positionsOf = ["original", "contiguous"] as const;
const talkers: readonly Talker[] = [
  { name: "unreduced", positions: "contiguous", reducer: createReducer("none") },
  ...[64, 32, 16].flatMap((tokens) =>
    ["cover", "prumerge", "divprune", "uniform"].flatMap((name) =>
      positionsOf.map((positions) => ({ name, positions, reducer: createReducer(name, { tokens }) })),
    ),
  ),
];

/**
 * Long answers and several turns, on pictures of VQAv2 with three questions or more: a description by each way of seeing, held against
 * the unreduced model's own, and three questions in one conversation.
 *
 * @param data VQAv2's folder
 * @param limit pictures, spread evenly
 */
export async function talk(name: string, data: string, limit: number): Promise<readonly Talk[]> {
  const loaded = await findTask("vqav2").load(data, {});
  const byPicture = new Map<string, (typeof loaded.questions)[number][]>();
  for (const question of loaded.questions) {
    const key = question.picture!.name;
    byPicture.set(key, [...(byPicture.get(key) ?? []), question]);
  }
  const whole = [...byPicture.values()].filter((all) => all.length >= turns);
  const step = Math.max(1, whole.length / limit);
  const chosen = Array.from(
    { length: Math.min(limit, whole.length) },
    (_, i) => whole[Math.floor(i * step)]!,
  );
  const model = await loadModel(name);
  try {
    const answers = talkers.map(() => Array.from({ length: turns }, () => new Map<string, string>()));
    const shared = talkers.map(() => 0);
    const tokens = talkers.map(() => 0);
    for (const questions of chosen) {
      const { picture } = questions[0]!;
      const pixels = await model.prepare("path" in picture! ? picture.path : new Uint8Array(picture!.bytes));
      const sight = new RememberedSight();
      let description = "";
      for (const [at, { reducer, positions }] of talkers.entries()) {
        const seen = await model.see(pixels, reducer, { positions, sight });
        const said = await textOf(model.answer(seen, "Describe the image.", { maxNewTokens: 96 }));
        if (at === 0) description = said;
        shared[at]! += sharedWords(said, description) / chosen.length;
        tokens[at]! += seen.embeddings.rows / chosen.length;
        const chat = model.chat(seen);
        for (const [turn, { id, text }] of questions.slice(0, turns).entries()) {
          answers[at]![turn]!.set(id, await textOf(chat.ask(text, { maxNewTokens: 16 })));
        }
        await model.forget(seen);
      }
    }
    return talkers.map(({ name: method, positions }, at) => ({
      ...{ name: method, positions, tokens: tokens[at]!, description: 100 * shared[at]! },
      turns: answers[at]!.map((given) => rightOf(loaded.judge(given), given)),
    }));
  } finally {
    await model.dispose();
  }
}

async function textOf({ result }: ReturnType<LoadedModel["answer"]>): Promise<string> {
  return (await result).text;
}

function rightOf(verdicts: readonly Verdict[], given: ReadonlyMap<string, string>): number {
  const asked = verdicts.filter(({ questions }) => given.has(questions[0]!));
  return (100 * asked.reduce((sum, { credit }) => sum + credit, 0)) / asked.length;
}

/** F1 of two texts' words, as bags. */
function sharedWords(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
  const counts = new Map<string, number>();
  for (const word of right!) counts.set(word, (counts.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of left!) {
    const count = counts.get(word) ?? 0;
    if (count > 0) common++;
    counts.set(word, count - 1);
  }
  const all = left!.length + right!.length;
  return all === 0 ? 1 : (2 * common) / all;
}
