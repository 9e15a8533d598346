import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import type { ModelInfo, Reduction } from "../backend/model-backend.js";
import { curlCommand, reductionField, typeScriptCode } from "./commands.js";

const asked = (question: string, wantsKey = false) => ({
  model: { name: "pocket-llava", origin: "http://127.0.0.1:8000", wantsKey } as ModelInfo,
  reduction: {
    method: "prumerge",
    budget: { kind: "exact", rows: 64 },
    options: {},
    positions: "contiguous",
  } as Reduction,
  way: {},
  picture: "it's a bear.png",
  type: "image/png",
  question,
});

it.each([
  "Where is the bear?",
  "What does PICTURE say, and PICTURE?",
  "What's that? 'base64,' \\n $HOME",
])("sends the question as it was asked: %s", (question) => {
  const command = curlCommand(asked(question));
  // The shell's part alone: what it would hand to curl, with a word in the picture's place.
  const [body] = command.split(" |\n  curl");
  const printed = body!.replace(/base64 < .* \| tr -d '\\n'/, "printf %s THE-PICTURE");
  const { messages } = JSON.parse(execFileSync("/bin/sh", ["-c", printed], { encoding: "utf8" }));
  expect(messages[0].content).toEqual([
    { type: "image_url", image_url: { url: "data:image/png;base64,THE-PICTURE" } },
    { type: "text", text: question },
  ]);
  expect(command).toContain("base64 < 'it'\\''s a bear.png'");
});

it("leaves a place for the key where the server wants one, and never the key itself", () => {
  const header = '-H "Authorization: Bearer $PRUMERGE_KEY"';
  expect(curlCommand(asked("What?", true))).toContain(header);
  expect(curlCommand(asked("What?"))).not.toContain("Authorization");
});

it("says options and positions where there are any, in requests and in code", () => {
  const budget = { kind: "exact", rows: 32 } as const;
  const reduction = { method: "cover", budget, options: { sizeBias: false }, positions: "original" } as const;
  expect(reductionField(reduction)).toEqual({
    method: "cover",
    visual_tokens: 32,
    options: { sizeBias: false },
    positions: "original",
  });
  expect(reductionField({ method: "cover", budget })).toEqual({ method: "cover", visual_tokens: 32 });
  const code = typeScriptCode({ ...asked("What?"), reduction });
  expect(code).toContain(
    'createReducer("cover", { tokens: 32, sizeBias: false }), { positions: "original" })',
  );
  const shown = { ...asked("What?"), way: { views: "base", maxPixels: 90_000 } } as const;
  expect(typeScriptCode(shown)).toContain('{ tokens: 64 }), { views: "base", maxPixels: 90000 })');
  expect(curlCommand(shown)).toMatch(/"visual_tokens": 64,.*"views": "base",\s*"max_pixels": 90000\s/s);
  const reader = typeScriptCode({
    ...asked("What?"),
    reduction: { ...asked("").reduction, method: "cdpruner" },
  });
  expect(reader).toContain('createReducer("cdpruner", { tokens: 64 }), { question })');
});
