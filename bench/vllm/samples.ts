import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A sample picture of the bundled model with its questions. */
export interface Sample {
  readonly path: string;
  /** As a data: URL. */
  readonly url: string;
  readonly questions: readonly string[];
}

const folder = new URL("../../models/pocket-llava/samples/", import.meta.url);

export function readSamples(): Sample[] {
  const listed = JSON.parse(readFileSync(new URL("samples.json", folder), "utf8")) as {
    readonly file: string;
    readonly questions: readonly { readonly question: string }[];
  }[];
  return listed.map(({ file, questions }) => ({
    path: fileURLToPath(new URL(file, folder)),
    url: `data:image/png;base64,${readFileSync(new URL(file, folder)).toString("base64")}`,
    questions: questions.map(({ question }) => question),
  }));
}
