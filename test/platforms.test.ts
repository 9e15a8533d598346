import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { loadModel, uniformSampling } from "prumerge";
import { readModelFolder } from "prumerge/convert";
import { afterAll, describe, expect, it } from "vitest";
import { bundledFolder, bundledSamples } from "./support/bundled.js";

/** What other systems than the one that this runs on would trip over, as far as it can be seen here. */
const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "prumerge-platforms-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const list = (...words: string[]) => execFileSync("git", words, { cwd: root, encoding: "utf8" });
const files = list("ls-files", "-z").split("\0").filter(Boolean);

describe("the files of the project", () => {
  it("have names that every file system keeps apart, and Windows takes", () => {
    expect(files.length).toBeGreaterThan(500);
    const folded = files.map((file) => file.normalize("NFC").toLowerCase());
    expect(files.filter((_, at) => folded.indexOf(folded[at]!) !== at)).toEqual([]);
    const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
    const refused = files.filter((file) =>
      file.split("/").some((name) => /[<>:"|?*\\\p{Cc}]|[. ]$/u.test(name) || reserved.test(name)),
    );
    expect(refused).toEqual([]);
    // Windows takes 260 characters with the folder that a clone lies in.
    expect(files.filter((file) => file.length > 160)).toEqual([]);
  });

  it("are no links: where those are refused, a clone has text files in their place", () => {
    const modes = list("ls-files", "-s").split("\n");
    expect(modes.filter((line) => line.startsWith("120000"))).toEqual([]);
  });

  it("name no folder that only some systems have, and take no URL for a path", () => {
    const sources = files.filter((file) => /^(src|examples|app|bench|\.ci)\/.*\.(m?ts|tsx|mjs)$/.test(file));
    expect(sources.length).toBeGreaterThan(300);
    const everywhere = [/import\.meta\.url\)\.pathname/];
    const inSources = [...everywhere, /["'`]\/(tmp|var|home|usr|root)\b/, /env\.(HOME|TMPDIR|USER)\b/];
    const found = sources.flatMap((file) => {
      const assumptions = file.includes(".test.") ? everywhere : inSources;
      return readFileSync(join(root, file), "utf8")
        .split("\n")
        .filter((line) => assumptions.some((one) => one.test(line)))
        .map((line) => `${file}: ${line.trim()}`);
    });
    expect(found).toEqual([]);
  });

  it("are run by commands that npm finds in every shell", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const words = Object.values<string>(scripts).flatMap((script) => script.split("&&"));
    const programs = words.map((command) => command.trim().split(" ")[0]!);
    const known = ["node", "npm", "npx", "tsc", "tsx", "vite", "vitest", "biome", "cd"];
    expect(programs.filter((program) => !known.includes(program))).toEqual([]);
  });
});

describe("what people bring along from Windows", () => {
  it("a manifest that an editor has saved with its line ends and a byte order mark is read", async () => {
    const copy = join(folder, "edited");
    cpSync(bundledFolder, copy, { recursive: true });
    const manifest = join(copy, "prumerge.json");
    const text = readFileSync(manifest, "utf8");
    writeFileSync(manifest, `\ufeff${text.replaceAll("\n", "\r\n")}`);
    const { path: _, graphs: __, ...edited } = await readModelFolder(copy);
    expect(await readModelFolder(bundledFolder)).toMatchObject(edited);
  });

  it("a chat template with other line ends gives the same prompts, and so the same answers", async () => {
    const [sample] = bundledSamples();
    const copy = join(folder, "template");
    cpSync(bundledFolder, copy, { recursive: true });
    const file = join(copy, "chat_template.jinja");
    const written = `${readFileSync(file, "utf8")}\n`;
    const asked = async (text: string) => {
      writeFileSync(file, text);
      const model = await loadModel(copy, { worker: false });
      const seen = await model.see(sample!.path, uniformSampling({ tokens: 16 }));
      const { text: answer, promptTokens } = await model.answer(seen, "What is it?").result;
      await model.dispose();
      return { answer, promptTokens };
    };
    expect(await asked(written.replaceAll("\n", "\r\n"))).toEqual(await asked(written));
  });

  it("folders and pictures of any name are found by path and by URL", async () => {
    const [sample] = bundledSamples();
    const odd = join(folder, "für 100% & #1, 日本 (kopie)");
    mkdirSync(odd);
    cpSync(bundledFolder, join(odd, "mein modell"), { recursive: true });
    const picture = join(odd, "bild nr. 1 %20.png");
    cpSync(sample!.path, picture);
    const model = await loadModel(join(odd, "mein modell"));
    const reducer = uniformSampling({ tokens: 16 });
    const [path, url] = [await model.see(picture, reducer), await model.see(pathToFileURL(picture), reducer)];
    expect(url.embeddings.data).toEqual(path.embeddings.data);
    const { text } = await model.answer(url, "What is it?", { maxNewTokens: 4 }).result;
    expect(text).toMatch(/\w/);
    await model.dispose();
  });
});
