import { basename, join } from "node:path";
import { PrumergeError } from "../../../errors.js";
import { findFile } from "../../files/find-file.js";

/** Which of MMBench's files. */
export interface MmbenchFile {
  readonly split: "dev" | "test";
  readonly language: "en" | "cn";
  readonly revision: Revision;
}

type Revision = "20230712" | "20231003";

export interface Size {
  readonly rows: number;
  readonly questions: number;
}

/** Rows and questions of the development split. The scores of the two are not comparable. */
const sizes = {
  "20230712": { rows: 4377, questions: 1176 },
  "20231003": { rows: 4329, questions: 1164 },
} as const;

/** LLaVA's names first, then VLMEvalKit's (which are of the later revision). */
function namesOf({ split, language, revision }: MmbenchFile): readonly string[] {
  return [
    `mmbench_${split}_${language}_${revision}.tsv`,
    ...(language === "en" ? [`mmbench_${split}_${revision}.tsv`] : []),
    ...(revision === "20231003" ? [`MMBench_${split.toUpperCase()}_${language.toUpperCase()}.tsv`] : []),
  ];
}

/** @throws PrumergeError NOT_FOUND that names another revision or language which is there */
export async function findTable(folder: string, wanted: MmbenchFile): Promise<string> {
  const names = namesOf(wanted);
  const found = await findFile(folder, names);
  if (found !== undefined) return found;
  const others: string[] = [];
  for (const revision of Object.keys(sizes) as Revision[]) {
    for (const language of ["en", "cn"] as const) {
      const other = await findFile(folder, namesOf({ ...wanted, language, revision }));
      if (other !== undefined)
        others.push(`${basename(other)} (--rule revision=${revision} --rule language=${language})`);
    }
  }
  throw new PrumergeError("NOT_FOUND", "MMBench's table is missing", {
    where: folder,
    expected: names.join(" or "),
    ...(others.length > 0 && {
      found: others.join(", "),
      help: "Scores of the two revisions are not comparable.",
    }),
  });
}

/** @throws PrumergeError INVALID_FILE for a file of the other revision under this one's name */
export function checkRevision(
  file: string,
  { split, revision }: MmbenchFile,
  found: Size & { readonly columns: readonly string[] },
): void {
  if (split !== "dev") return;
  const other: Revision = revision === "20230712" ? "20231003" : "20230712";
  const hasItsSize = found.rows === sizes[other].rows && found.questions === sizes[other].questions;
  const hasItsColumn = revision === "20230712" && found.columns.includes("L2-category");
  if (!hasItsSize && !hasItsColumn) return;
  throw new PrumergeError("INVALID_FILE", `the table is of the revision ${other}, not ${revision}`, {
    where: file,
    expected: `${sizes[revision].rows} rows, ${sizes[revision].questions} questions and a column l2-category`,
    found: `${found.rows} rows, ${found.questions} questions${hasItsColumn ? " and a column L2-category" : ""}`,
    help: `Call it ${join(".", namesOf({ split, language: "en", revision: other })[0])} and score it with --rule revision=${other}.`,
  });
}

/**
 * Whether a table is as large as an official one, and so has all of its rows.
 *
 * @throws PrumergeError INVALID_FILE for the questions of an official table in another number of rows
 */
export function isOfficialTable(file: string, found: Size): boolean {
  const official = Object.values(sizes).find(({ questions }) => questions === found.questions);
  if (official === undefined || official.rows === found.rows) return official !== undefined;
  throw new PrumergeError("INVALID_FILE", "rotations of questions are missing", {
    where: file,
    expected: `${official.rows} rows for ${official.questions} questions`,
    found: String(found.rows),
    help: "CircularEval needs all of them; --rule rows=first scores the first rows alone.",
  });
}
