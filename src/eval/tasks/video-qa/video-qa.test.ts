import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type AnswerRow, recordedScores, videoBenchmark } from "../../../../test/support/video-benchmark.js";
import { scoreAnswers } from "../../score-answers.js";
import { roundHalfEven } from "../../scoring/round-half-even.js";
import { answerMatches } from "./match.js";
import { activityNetQaTask, msrvttQaTask, msvdQaTask } from "./video-qa.js";

const two: AnswerRow[] = [
  { question_id: "v_abc_0", answer: "dog", type: 3 },
  { question_id: "v_abc_1", answer: "two", type: 3 },
];
const packed = {
  msvd: "MSVD_Zero_Shot_QA",
  msrvtt: "MSRVTT_Zero_Shot_QA",
  activitynet: "Activitynet_Zero_Shot_QA",
};
const at = (data: string, name: string) => join(data, "GPT_Zero_Shot_QA", packed.msvd, name);

describe("ActivityNet-QA's scores", () => {
  it.each([
    "in-order",
    "random-order",
    "missing-predictions",
  ])("of %s are those that the official program prints, and the free figure that is meant", async (name) => {
    const { predictions, answers } = recordedScores(`activitynet-s-${name}.json`);
    const { expected } = recordedScores("manifest.json").cases.find(
      (one: { name: string }) => one.name === `activitynet-s-${name}`,
    );
    const data = videoBenchmark(packed.activitynet, answers);
    const file = join(data, "predictions.json");
    writeFileSync(file, JSON.stringify(predictions));
    const { headline, scores } = await scoreAnswers({
      ...{ task: activityNetQaTask, data, answers: [file], allowMissing: true },
    });
    const named = Object.fromEntries(scores.map((one) => [one.name, one]));
    const four = (score: string) => Number(roundHalfEven(named[score]!.value / 100, 4));
    expect(Number(roundHalfEven(headline.value / 100, 4))).toBe(expected.printed.All);
    expect({
      Motion: four("type/motion"),
      "Spatial Relation": four("type/spatial-relation"),
      "Temporal Relation": four("type/temporal-relation"),
      Free: four("free-as-printed"),
      All: four("match/exact"),
      "Yes/No": four("type/yes-no"),
      Color: four("type/color"),
      Object: four("type/object"),
      Location: four("type/location"),
      Number: four("type/number"),
      Other: four("type/other"),
    }).toEqual(expected.printed);
    expect(named.free!.value / 100).toBeCloseTo(expected.free_correct_true / expected.free_total_true, 12);
    expect(named["free-as-printed"]!.interval).toBeUndefined();
    expect(named.free!.interval).toBeDefined();
  });

  it("has no printed free figure where types are missing, and refuses types that are none", async () => {
    const { answers } = recordedScores("activitynet-s-one-type-only.json");
    const task = await activityNetQaTask.load(videoBenchmark(packed.activitynet, answers));
    const names = task.aggregate(task.judge(new Map())).scores.map(({ name }) => name);
    expect(names).toContain("free");
    expect(names).not.toContain("free-as-printed");
    const bad = videoBenchmark(packed.activitynet, [{ question_id: "v_a_1", answer: "x", type: 9 }]);
    await expect(activityNetQaTask.load(bad)).rejects.toThrow(/test_a.json:1.*"type" is wrong.*0 to 8/);
  });

  it("refuse answers given twice or to unknown questions, which the official program counts twice or dies of", async () => {
    for (const [name, message] of [
      ["duplicates", /answered twice/],
      ["unknown-id", /answers to unknown questions: v_nowhere_1/],
    ] as const) {
      const { predictions, answers } = recordedScores(`activitynet-s-${name}.json`);
      const data = videoBenchmark(packed.activitynet, answers);
      const file = join(data, "predictions.json");
      writeFileSync(file, JSON.stringify(predictions));
      const request = { task: activityNetQaTask, data, answers: [file], allowMissing: true };
      await expect(scoreAnswers(request)).rejects.toThrow(message);
    }
  });
});

describe("answers without a judge", () => {
  it("are right by three rules, each more forgiving than the one before", () => {
    const rows: [string, string, boolean, boolean, boolean][] = [
      ["dog", "dog", true, true, true],
      ["Dog.", "dog", false, true, true],
      ["A dog runs", "dog", false, false, true],
      ["hotdog", "dog", false, false, false],
      ["2", "two", false, true, true],
      ["No, yes", "yes", false, false, false],
      ["Yes, it is not", "yes", false, false, true],
      ["playing the guitar", "play guitar", false, false, false],
      ["a man playing guitar outside", "playing guitar", false, false, true],
      ["", "dog", false, false, false],
    ];
    for (const [prediction, answer, ...expected] of rows) {
      const { exact, normalised, contained } = answerMatches;
      expect([exact, normalised, contained].map((rule) => rule(prediction, answer))).toEqual(expected);
    }
  });

  it("go into the headline by the rule that is chosen, and all three stand below it", async () => {
    const data = videoBenchmark(packed.msvd, two);
    for (const [match, headline] of [
      ["exact", 0],
      ["normalised", 50],
      ["contained", 100],
    ] as const) {
      const task = await msvdQaTask.load(data, { match });
      const said = new Map([
        ["v_abc_0", "A dog."],
        ["v_abc_1", "there are two"],
      ]);
      const { headline: head, scores } = task.aggregate(task.judge(said));
      expect(head.value).toBe(headline);
      expect(scores.slice(1).map(({ name, value }) => [name, value])).toEqual([
        ["match/exact", 0],
        ["match/normalised", 50],
        ["match/contained", 100],
      ]);
    }
  });
});

describe("the packaged files", () => {
  it("name videos as each benchmark does, with the ending that is there", async () => {
    const msvd = videoBenchmark(packed.msvd, two);
    writeFileSync(at(msvd, "videos/abc.avi"), "");
    const [first] = (await msvdQaTask.load(msvd)).questions;
    expect(first).toEqual({
      id: "v_abc_0",
      picture: { name: "abc.avi", path: at(msvd, "videos/abc.avi"), isVideo: true },
      text: "what is asked as v_abc_0",
      maxNewTokens: 1024,
      detail: undefined,
    });
    const animated = videoBenchmark(packed.msvd, two);
    writeFileSync(at(animated, "videos/abc.webp"), "");
    expect((await msvdQaTask.load(animated)).questions[0]!.picture!.name).toBe("abc.webp");
    const msrvtt = videoBenchmark(packed.msrvtt, two, "videos/all");
    expect((await msrvttQaTask.load(msrvtt)).questions[0]!.picture!.name).toBe("abc.mp4");
    expect((await msrvttQaTask.load(msrvtt)).questions[0]!.picture).toMatchObject({
      path: join(msrvtt, "GPT_Zero_Shot_QA", packed.msrvtt, "videos/all/abc.mp4"),
    });
    const activitynet = videoBenchmark(packed.activitynet, two, "all_test");
    expect((await activityNetQaTask.load(activitynet)).questions[0]!.picture).toMatchObject({
      path: join(activitynet, "GPT_Zero_Shot_QA", packed.activitynet, "all_test/v_abc.mp4"),
    });
  });

  it("are asked as lmms-eval asks, too", async () => {
    const task = await msvdQaTask.load(videoBenchmark(packed.msvd, two), { prompt: "lmms_eval" });
    expect(task.questions[0]).toMatchObject({
      text: "What is asked as v_abc_0? Answer the question using a single word or phrase.",
      maxNewTokens: 64,
    });
  });

  it("are joined by id, whatever their order, and refused where ids differ", async () => {
    const data = videoBenchmark(packed.msvd, two);
    const write = (rows: unknown) => writeFileSync(at(data, "test_a.json"), JSON.stringify(rows));
    write([...two].reverse());
    const task = await msvdQaTask.load(data);
    expect([...task.references!.values()].map(({ answer }) => answer)).toEqual(["dog", "two"]);
    write(two.slice(1));
    await expect(msvdQaTask.load(data)).rejects.toThrow(/test_q.json:1.*does not answer.*v_abc_0/);
    write([...two, { question_id: "v_abc_2", answer: "x" }]);
    await expect(msvdQaTask.load(data)).rejects.toThrow(/expected 3 questions, found 2, without v_abc_2/);
    write([...two, ...two]);
    await expect(msvdQaTask.load(data)).rejects.toThrow(/stands twice/);
  });

  it("lead no video out of its folder", async () => {
    const data = videoBenchmark(packed.msvd, two);
    const text = readFileSync(at(data, "test_q.json"), "utf8").replaceAll('"abc"', '"../../abc"');
    writeFileSync(at(data, "test_q.json"), text);
    await expect(msvdQaTask.load(data)).rejects.toThrow(/leaves its folder/);
  });
});

describe("predictions of Video-ChatGPT's and Video-LLaVA's programs", () => {
  it("are joined by id, whatever answer their file has, and refused with another question", async () => {
    const data = videoBenchmark(packed.msvd, two);
    const file = join(data, "merge.jsonl");
    const line = (id: string, pred: string, question = `what is asked as ${id}`) =>
      `${JSON.stringify({ id, question, answer: "of another question", pred })}\n`;
    writeFileSync(file, line("v_abc_1", "two") + line("v_abc_0", "cat"));
    const request = { task: msvdQaTask, data, answers: [file] };
    expect((await scoreAnswers(request)).headline.value).toBe(50);
    writeFileSync(file, line("v_abc_1", "two", "why?") + line("v_abc_0", "cat"));
    await expect(scoreAnswers(request)).rejects.toThrow(/merge.jsonl:1: not the question of that id/);
  });
});
