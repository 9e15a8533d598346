import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readNpyRow } from "../../test/support/npy-row.js";
import { ask, sampleUrl, type TestServer, testServer } from "../../test/support/serve.js";
import { samplePath } from "../model/find-folder.js";
import { loadModel } from "../model/load-model.js";
import type { LoadedModel } from "../model/model.js";
import { cdPruner } from "../reduce/index.js";
import type { Info } from "./schema/info.js";
import type { PictureReport } from "./schema/reduction.js";
import type { VisualTokensAnswer } from "./schema/visual-tokens.js";

let model: LoadedModel;
let server: TestServer;
beforeAll(async () => {
  model = await loadModel();
  server = await testServer(model);
});
afterAll(async () => {
  await server.close();
  await model.dispose();
});
let other: TestServer | undefined;
afterEach(() => other?.close());

const prumerge = { method: "cdpruner", visual_tokens: 24 };
const [first, second] = ["Where is the bear?", "How many things are there?"];

describe("a chat by a method that reads the question", () => {
  const chat = async (messages: readonly unknown[], to = server, reduction: unknown = prumerge) => {
    const body = { model: "pocket-llava", messages, max_tokens: 4, prumerge: reduction };
    const answer = await to.post("/v1/chat/completions", body);
    expect(answer.status).toBe(200);
    const json = (await answer.json()) as { prumerge: { pictures: PictureReport[] } };
    return json.prumerge.pictures.map(({ question, remembered }) => [question, remembered]);
  };

  it("sees the picture for the last message's text, and remembers it for that alone", async () => {
    const picture = sampleUrl(3);
    expect(await chat([ask(first, picture)])).toEqual([[first, false]]);
    expect(await chat([ask(second, picture)])).toEqual([[second, false]]);
    expect(await chat([ask(first, picture)])).toEqual([[first, true]]);
    const turns = [ask(first, picture), { role: "assistant", content: "left" }, ask(second)];
    expect(await chat(turns)).toEqual([[second, true]]);
    expect(await chat([ask(first, picture)], server, { visual_tokens: 24 })).toEqual([[undefined, false]]);
  });

  it("is the server's default where it is told so", async () => {
    other = await testServer(model, { defaultReducer: cdPruner({ tokens: 24 }) });
    expect(await chat([ask(first, sampleUrl(1))], other, {})).toEqual([[first, false]]);
  });

  it("is refused without a text, but needs none where there is no picture", async () => {
    const messages = [{ role: "user", content: [{ type: "image_url", image_url: { url: sampleUrl(3) } }] }];
    const answer = await server.post("/v1/chat/completions", { model: "pocket-llava", messages, prumerge });
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { error: { code: "question_missing", param: "messages" } },
    ]);
    expect(await chat([ask(first)])).toEqual([]);
  });
});

describe("visual tokens by a method that reads the question", () => {
  const body = (more: object) => ({ image_url: { url: sampleUrl(3) }, embeddings: false, prumerge, ...more });

  it("are the library's for that question", async () => {
    const answer = await server.post("/v1/visual-tokens", body({ question: first, inspect: true }));
    const { plan, picture, inspection } = (await answer.json()) as VisualTokensAnswer;
    const seen = await model.see(samplePath("sample_3.png"), cdPruner({ tokens: 24 }), { question: first });
    expect(plan.kept_patches).toEqual([...seen.plan.keptPatches]);
    expect([picture.question, inspection!.question]).toEqual([first, first]);
  });

  it("can be planned elsewhere from the relevance that is sent", async () => {
    const relevance = async (question: string) => {
      const whole = body({ question, signals: true, prumerge: { method: "none" } });
      const answer = (await (await server.post("/v1/visual-tokens", whole)).json()) as VisualTokensAnswer;
      return readNpyRow(answer.signals!.relevance!);
    };
    const options = { question: first, signals: true };
    const { signals } = await model.see(samplePath("sample_3.png"), cdPruner({ tokens: 24 }), options);
    const sent = await relevance(first);
    expect(Math.max(...sent.map((value, i) => Math.abs(value - signals![0]!.relevance![i]!)))).toBeLessThan(
      1e-5,
    );
    expect(await relevance(second)).not.toEqual(sent);
  });

  it.each([
    [{}, "question_missing"],
    [{ question: "  " }, "question_missing"],
    [{ question: "w".repeat(200_000) }, "limit_exceeded"],
    [{ question: first, prumerge: { method: "uniform" } }, "question_unread"],
  ])("are refused for %o", async (more, code) => {
    const answer = await server.post("/v1/visual-tokens", body(more));
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code, param: "question" } }]);
  });

  it("say in the server's information which methods do", async () => {
    const { methods } = (await (await fetch(`${server.url}/v1/prumerge/info`)).json()) as Info;
    const readers = methods.filter(({ reads_question: reads }) => reads).map(({ name }) => name);
    expect(readers).toContain("cdpruner");
    expect(readers).not.toContain("divprune");
  });
});
