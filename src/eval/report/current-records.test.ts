import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { answerKey } from "../run/assignment.js";
import type { Configuration, FailureRecord, JournalRecord, Run } from "../run/run-folder.js";
import type { TaskPicture, TaskQuestion } from "../task.js";
import { currentRecords } from "./current-records.js";

const configuration: Configuration = { name: "none", method: "none", budget: { kind: "all" }, options: {} };
const run = {
  versions: { prumerge: "1", node: "v20", onnxruntime: "2" },
  model: { name: "m", hash: "ab".repeat(32), files: [] },
  prompt: "model",
  generation: { maxNewTokens: null, imageAspect: null, device: "cpu" },
} as unknown as Run;

const bytes = (value: number) => Uint8Array.of(value);
const sha256 = (value: number) => createHash("sha256").update(bytes(value)).digest("hex");
const question = (text: string, picture?: TaskPicture): TaskQuestion => ({
  id: "1",
  text,
  picture,
  maxNewTokens: 8,
  detail: undefined,
});

function asked(text: string, said: string | null, picture: number | null = null, { maxNewTokens = 8 } = {}) {
  const { model, versions, prompt } = run;
  const hash = picture === null ? null : sha256(picture);
  const conditions = { model: model.hash, versions, prompt, device: "cpu", imageAspect: null };
  const key = answerKey(conditions, "textvqa", configuration, hash, { id: "1", text, maxNewTokens });
  const about = hash === null ? null : { name: "1.jpg", sha256: hash };
  const subject = { key, task: "textvqa", configuration: "none", id: "1", picture: about, worker: null };
  const failure: FailureRecord = { ...subject, kind: "failure", code: "RUNTIME", message: "no" };
  const record = said === null ? failure : ({ ...subject, kind: "answer", text: said } as JournalRecord);
  return { record, run, configuration };
}

async function told(now: TaskQuestion, all: readonly ReturnType<typeof asked>[]) {
  const { records, stale } = await currentRecords({ questions: [now] }, all);
  const record = records.get("1");
  return [record?.kind === "answer" ? record.text : record?.kind, stale];
}

describe("currentRecords", () => {
  const given = asked("What?\nReference OCR token: STOP", "stop");
  const without = asked("What?", "go");

  it("takes the answer to the prompt that is asked now, wherever it stands", async () => {
    expect(await told(question("What?\nReference OCR token: STOP"), [given, without])).toEqual(["stop", 1]);
    expect(await told(question("What?"), [given, without])).toEqual(["go", 1]);
    expect(await told(question("Who?"), [given, without])).toEqual([undefined, 2]);
    expect(await told({ ...question("What?"), id: "2" }, [without])).toEqual([undefined, 1]);
    expect(await told(question("What?"), [asked("What?", "long", null, { maxNewTokens: 9 })])).toEqual([
      undefined,
      1,
    ]);
  });

  it("takes an answer before a failure", async () => {
    const failed = asked("What?", null);
    expect(await told(question("What?"), [failed])).toEqual(["failure", 0]);
    expect(await told(question("What?"), [failed, without])).toEqual(["go", 0]);
  });

  it("takes the answer about the picture that is there; the later one where it has gone", async () => {
    const [first, second] = [asked("What?", "cat", 1), asked("What?", "dog", 2)];
    const about = (value: number) => question("What?", { name: "1.jpg", bytes: bytes(value) });
    expect(await told(about(1), [first, second])).toEqual(["cat", 1]);
    expect(await told(about(2), [first, second])).toEqual(["dog", 1]);
    const gone = question("What?", { name: "1.jpg", path: "/nowhere/1.jpg" });
    expect(await told(gone, [first, second])).toEqual(["dog", 1]);
    expect(await told(gone, [first])).toEqual(["cat", 0]);
  });
});
