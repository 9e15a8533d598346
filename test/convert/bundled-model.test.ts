import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LoadedModel, loadModel, noReduction } from "prumerge";
import { convert, readModelFolder } from "prumerge/convert";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundledCheckpoint, bundledFolder, bundledSamples } from "../support/bundled.js";

const answersFile = new URL("../fixtures/pocket-llava/answers.json", import.meta.url);

/** Of the two best logits; the 8-bit form differs from float32 by up to about as much. */
const nearTie = 0.1;

describe("the bundled model", () => {
  let model: LoadedModel;
  let folder = "";
  beforeAll(async () => {
    model = await loadModel("pocket-llava", { worker: false, threads: 1 });
    folder = await mkdtemp(join(tmpdir(), "prumerge-bundled-"));
  });
  afterAll(async () => {
    await model.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it("answers as transformers does from its checkpoint, unreduced, but for near-ties", async () => {
    const recorded: { answers: string[]; gaps: number[] }[] = JSON.parse(
      await readFile(answersFile, "utf8"),
    ).samples;
    let alike = 0;
    for (const [index, { path, questions }] of bundledSamples().entries()) {
      const { answers, gaps } = recorded[index]!;
      const seen = await model.see(path, noReduction());
      for (const [place, { question }] of questions.entries()) {
        const { text } = await model.answer(seen, question, { maxNewTokens: 32 }).result;
        if (text.trim() === answers[place]) alike++;
        else expect(gaps[place], `${question} ${text}`).toBeLessThan(nearTie);
      }
    }
    expect(alike).toBeGreaterThanOrEqual(recorded.flatMap(({ answers }) => answers).length - 1);
  });

  it("is what the converter makes of its checkpoint, byte for byte", async () => {
    const bundled = await readModelFolder(bundledFolder);
    const again = await convert(bundledCheckpoint, join(folder, "again"), {
      dtype: bundled.dtypes.decoder,
      visionDtype: bundled.dtypes.vision,
      sourceName: bundled.source.name,
      ...(bundled.world !== undefined && { world: bundled.world }),
      workers: 2,
    });
    const { path: _, graphs: __, writtenBy: ___, ...description } = again;
    expect(bundled).toMatchObject(description);
    for (const { path } of bundled.files) {
      const [one, other] = await Promise.all(
        [bundledFolder, again.path].map((at) => readFile(join(at, path))),
      );
      expect(one!.equals(other!), path).toBe(true);
    }
  });
});
