import { expect, it } from "vitest";
import { defaultLimits } from "../serve/limits.js";
import { startLine } from "./start-line.js";

const about = { modelName: "m", url: "http://127.0.0.1:1" };

it("counts one of a thing and several", () => {
  const few = { ...defaultLimits, running: 1, pictures: 1, promptTokens: 1, outputTokens: 1 };
  expect(startLine({ threads: 1 }, { ...about, limits: few, keys: 1 })).toMatch(
    /1 thread, .* 1 request at once .* 1 picture; prompts of 1 token, answers of 1 token; 1 key$/,
  );
  const more = { ...defaultLimits, running: 2, pictures: 0, promptTokens: 2, outputTokens: 2 };
  expect(startLine({ threads: 2 }, { ...about, limits: more, keys: 2 })).toMatch(
    /2 threads, .* 2 requests at once .* 0 pictures; prompts of 2 tokens, answers of 2 tokens; 2 keys$/,
  );
});

it("says what a backend cannot be told", () => {
  const line = startLine(
    { backend: "http://127.0.0.1:8000/v1" },
    { ...about, limits: defaultLimits, keys: undefined },
  );
  expect(line).toContain(
    "answered by http://127.0.0.1:8000, where rows stand one after another and weigh alike; ",
  );
});
