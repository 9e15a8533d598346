import { expect, it } from "vitest";
import { toyPicture } from "../../test/support/toy-prompts.js";
import type { VisualTokens } from "../see/visual-tokens.js";
import type { BackendRequest } from "./backend/backend.js";
import { vllmRequest } from "./backend/vllm-request.js";
import { ApiError } from "./http/api-error.js";
import { npyAnswer, visualTokensAnswer } from "./pictures/handle-visual-tokens.js";
import type { Remembered } from "./pictures/seen-memory.js";
import type { Services } from "./services.js";

const runs = [1, 2].map((rows) => ({ embeddings: toyPicture(rows, 0).embeddings }));
const tokens: VisualTokens = { ...toyPicture(3, 0), parted: { texts: ["<a>", "<b>", "<c>"], runs } };
const seen = { tokens, width: 4, height: 3, milliseconds: 1 } as unknown as Remembered;

const refused = (action: () => unknown): ApiError => {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(ApiError);
    return error as ApiError;
  }
  throw new Error("not refused");
};

it("rows between texts are no .npy file, and are told with their texts", () => {
  const error = refused(() => npyAnswer(seen));
  expect(error.message).toMatch(/rows alone, and no texts between them. Ask for JSON/);
  const request = { image_url: { url: "" }, embeddings: false };
  const answer = visualTokensAnswer({ modelName: "toy" } as Services, request as never, seen);
  expect(answer.parted).toEqual({ texts: ["<a>", "<b>", "<c>"], rows: [1, 2] });
});

it("a backend that takes a picture as one run of rows is not given several", () => {
  const request = {
    pictures: [tokens],
    messages: [{ role: "user", content: [{ type: "image" }, { type: "text", text: "what?" }] }],
    stop: [],
    addSpecialTokens: true,
    imageToken: "<image>",
  } as unknown as BackendRequest;
  expect(refused(() => vllmRequest(request, "toy", 8)).message).toMatch(/several runs of rows between texts/);
  const whole = { ...request, pictures: [toyPicture(3, 0)] } as BackendRequest;
  expect(vllmRequest(whole, "toy", 8).messages[0]!.content).toHaveLength(2);
});
