import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadModel } from "prumerge";
import { expect, it } from "vitest";
import { bundledFolder, bundledSamples } from "../support/bundled.js";

it("never generates a token that generation_config.json suppresses", async () => {
  const folder = await mkdtemp(join(tmpdir(), "prumerge-suppressed-"));
  try {
    await cp(bundledFolder, folder, {
      recursive: true,
      filter: (path) => !path.endsWith("checkpoint") && !path.endsWith("samples"),
    });
    const [sample] = bundledSamples();
    const ask = async () => {
      const model = await loadModel(folder);
      try {
        const seen = await model.see(sample!.path);
        return (await model.answer(seen, sample!.questions[0]!.question).result).tokenIds;
      } finally {
        await model.dispose();
      }
    };
    const said = await ask();
    expect(said.length).toBeGreaterThan(0);
    const path = join(folder, "generation_config.json");
    const config = JSON.parse(await readFile(path, "utf8"));
    await writeFile(path, JSON.stringify({ ...config, suppress_tokens: said.slice(0, 1) }));
    const instead = await ask();
    expect(instead).not.toContain(said[0]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
