import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The bundled model's folder. */
export const bundledFolder = fileURLToPath(new URL("../../models/pocket-llava", import.meta.url));

export const bundledCheckpoint = join(bundledFolder, "checkpoint");

export interface Sample {
  readonly path: string;
  readonly questions: readonly { readonly question: string; readonly answer: string }[];
}

export function bundledSamples(): Sample[] {
  const samples = JSON.parse(readFileSync(join(bundledFolder, "samples", "samples.json"), "utf8"));
  return samples.map(({ file, questions }: { file: string; questions: Sample["questions"] }) => ({
    path: join(bundledFolder, "samples", file),
    questions,
  }));
}
