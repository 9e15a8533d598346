import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { judgementKey } from "../judge/judge-answers.js";
import type { JudgementRecord } from "../judge/judge-journal.js";
import type { LoadedTask } from "../task.js";
import type { JudgedColumn } from "./compare-columns.js";
import { judgedFigures, judgementsOf } from "./judged.js";
import { judgedRows } from "./sections/judged.js";

const folder = mkdtempSync(join(tmpdir(), "prumerge-judged-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const task = { name: "msvd-qa", title: "MSVD-QA" };
const ids = ["1", "2", "3", "4"];
const loaded = {
  references: new Map(ids.map((id) => [id, { question: `what is ${id}`, answer: "dog" }])),
} as unknown as LoadedTask;
const column = {
  column: { label: "uniform 33" },
  records: new Map(ids.map((id) => [id, { kind: "answer", id, text: `said ${id}` }])),
  verdicts: ids.map((id) => ({ questions: [id], credit: 0, groups: [], cluster: `video ${id}` })),
} as unknown as JudgedColumn;

function judgement(
  model: string,
  id: string,
  prediction: string,
  reply: string | undefined,
): JudgementRecord {
  const judge = { url: "http://127.0.0.1:1/v1/chat/completions", model, protocol: "video_llava" as const };
  const asked = { task: task.name, id, question: `what is ${id}`, answer: "dog", prediction };
  const { task: of, ...rest } = asked;
  return {
    key: judgementKey(judge, asked),
    kind: reply === undefined ? "failure" : "judgement",
    task: of,
    ...rest,
    judge,
    replies:
      reply === undefined
        ? []
        : [{ text: reply, model: null, promptTokens: null, completionTokens: null, milliseconds: 1 }],
    refusals: reply === undefined ? ["HTTP 500"] : [],
  };
}

describe("what judges say in a report", () => {
  it("is of the answers that count alone, by judge, with what has no reply and what is not read", async () => {
    const records = [
      judgement("a", "1", "said 1", "{'pred': 'yes', 'score': 4}"),
      judgement("a", "2", "said 2", "I cannot say"),
      judgement("a", "3", "said 3", undefined),
      judgement("a", "4", "what an earlier run said", "{'pred': 'yes', 'score': 5}"),
      judgement("b", "1", "said 1", "{'pred': 'no', 'score': 1}"),
    ];
    const lines = [{ journal: "prumerge-judgements", format: 1 }, ...records].map((one) =>
      JSON.stringify(one),
    );
    writeFileSync(join(folder, "judgements.jsonl"), `${lines.join("\n")}\n`);
    const judgements = await judgementsOf([folder, join(folder, "without")]);
    expect(judgements.size).toBe(5);
    const figures = judgedFigures(task, loaded, [column], judgements);
    const [head, name] = ["uniform 33", "MSVD-QA"];
    expect(judgedRows(figures).map((row) => row.map((cell) => cell.replace(/ \(.*/, "")))).toEqual([
      [head, name, "a", "100.0", "4.00", "100.0", "3 of 4", "1", "1"],
      [head, name, "b", "0.0", "1.00", "0.0", "1 of 4", "0", "0"],
    ]);
    expect(judgedFigures(task, { ...loaded, references: undefined } as never, [column], judgements)).toEqual(
      [],
    );
  });

  it("says with which error the official program would end", () => {
    const only = [judgement("a", "1", "said 1", "{'pred': 'maybe', 'score': 4}")];
    const figures = judgedFigures(task, loaded, [column], new Map(only.map((one) => [one.key, one])));
    expect(judgedRows(figures)[0]!.slice(3, 5)).toEqual(["ends with ZeroDivisionError", "none"]);
  });
});
