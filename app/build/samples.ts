import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

/** Makes `virtual:samples` the sample pictures of a model folder with their questions. */
export function samplePictures(folder: string): Plugin {
  return {
    name: "prumerge-samples",
    resolveId: (id) => (id === "virtual:samples" ? "\0virtual:samples" : undefined),
    load(id) {
      if (id !== "\0virtual:samples") return undefined;
      const entries: { file: string; questions: { question: string }[] }[] = JSON.parse(
        readFileSync(join(folder, "samples.json"), "utf8"),
      );
      const imports = entries.map(
        ({ file }, i) => `import url${i} from ${JSON.stringify(`${join(folder, file)}?url`)};`,
      );
      const items = entries.map(({ file, questions }, i) => {
        return `{ name: ${JSON.stringify(file)}, url: url${i}, questions: ${JSON.stringify(questions.map(({ question }) => question))} }`;
      });
      return `${imports.join("\n")}\nexport const samples = [${items.join(", ")}];`;
    },
  };
}
