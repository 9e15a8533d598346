import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cover, loadModel, noReduction, type Reducer } from "prumerge";

/**
 * How `cover`'s adaptive rule got its reach: answers about pictures that nobody measures by, at several reaches, beside exact
 * counts and the unreduced model.
 *
 *     cd training && python -m questions.write --split validation --start 5000000 --count 120 --turns 4 --out FOLDER
 *     npm run build && npx tsx bench/cover-reach.ts FOLDER [--model MODEL] [--reach 0.05,0.1+0.5] [--exact 32,16]
 *
 * `0.1+0.5` is a reach of 0.1 with a relative one of 0.5.
 *
 * For each row: right answers in percent, visual tokens (mean, least .. most), and how the number of tokens goes with the number of
 * things in the picture (Spearman's rank correlation).
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: "string" },
    exact: { type: "string", default: "64,32,16" },
    reach: { type: "string", default: "0.02,0.05,0.1,0.15,0.2,0.3" },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error("Name the folder that questions.write wrote.");

interface Talk {
  readonly image: string;
  readonly conversations: readonly { readonly value: string }[];
}
const talks: readonly Talk[] = JSON.parse(readFileSync(join(folder, "llava.json"), "utf8"));
const lines = readFileSync(join(folder, "scenes.jsonl"), "utf8").trim().split("\n");
const things = new Map(
  lines
    .map((line) => JSON.parse(line) as { seed: number; things: unknown[]; prints: unknown[] })
    .map((scene) => [
      `${String(scene.seed).padStart(9, "0")}.png`,
      scene.things.length + scene.prints.length,
    ]),
);

const rows: readonly (readonly [string, Reducer])[] = [
  ["unreduced", noReduction()],
  ...values.exact
    .split(",")
    .map(Number)
    .map((tokens) => [`exactly ${tokens}`, cover({ tokens })] as const),
  ...values.reach.split(",").map((both) => {
    const [reach = 0, relativeReach = 0] = both.split("+").map(Number);
    return [`reach ${both}`, cover({ reach, relativeReach })] as const;
  }),
];
const model = await loadModel(values.model ?? "pocket-llava");
const found = rows.map(() => ({ right: 0, counts: [] as number[] }));
let asked = 0;
for (const { image, conversations } of talks) {
  const pixels = await model.prepare(join(folder, "images", image));
  const turns = conversations.flatMap(({ value }, at) =>
    at % 2 === 0 ? [[value.replace("<image>\n", ""), conversations[at + 1]!.value] as const] : [],
  );
  asked += turns.length;
  for (const [at, [, reducer]] of rows.entries()) {
    const seen = await model.see(pixels, reducer, { positions: "original" });
    found[at]!.counts.push(seen.embeddings.rows);
    for (const [question, answer] of turns) {
      const { text } = await model.answer(seen, question, { maxNewTokens: 64 }).result;
      if (text.trim().toLowerCase() === answer.trim().toLowerCase()) found[at]!.right++;
    }
    await model.forget(seen);
  }
}
await model.dispose();

console.log(`${talks.length} pictures, ${asked} questions, original positions`);
const complexity = talks.map(({ image }) => things.get(image)!);
for (const [at, [name]] of rows.entries()) {
  const { right, counts } = found[at]!;
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const words = [
    `${((100 * right) / asked).toFixed(1)} %`,
    `${mean.toFixed(1)} tokens (${Math.min(...counts)} .. ${Math.max(...counts)})`,
    name.startsWith("reach") ? `with things ${spearman(counts, complexity).toFixed(2)}` : "",
  ];
  console.log(`${name.padEnd(12)} ${words.join("  ")}`);
}

/** Rank correlation, equal values at their mean rank. */
function spearman(a: readonly number[], b: readonly number[]): number {
  const ranks = (list: readonly number[]) =>
    list.map(
      (value) =>
        list.filter((other) => other < value).length + list.filter((other) => other === value).length / 2,
    );
  const centred = [a, b].map(ranks).map((list) => {
    const mean = list.reduce((sum, rank) => sum + rank, 0) / list.length;
    return list.map((rank) => rank - mean);
  }) as [number[], number[]];
  const product = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return (
    product(centred[0], centred[1]) /
    Math.sqrt(product(centred[0], centred[0]) * product(centred[1], centred[1]))
  );
}
