import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "../../src/tensor/random.js";

/** Files of a generated VQAv2 split. */
export interface GeneratedVqa {
  readonly folder: string;
  readonly answers: string;
}

const words = (
  "yes no red blue white black dog cat man woman tree table left right wood metal tennis pizza grass sky " +
  "brown green phone laptop water street kitchen bedroom glass paper"
).split(" ");

/**
 * Writes official files of VQAv2 with invented content: questions about pictures of three each, ten answers by people who
 * mostly agree, and one answer in LLaVA's form to each question, in mixed spelling. Sizes of the fields are the real ones'.
 */
export function writeGeneratedVqa(count: number): GeneratedVqa {
  const folder = mkdtempSync(join(tmpdir(), "prumerge-bench-vqa-"));
  const random = seededRandom(5);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const text = () =>
    random() < 0.3
      ? String(Math.floor(random() * 30))
      : Array.from({ length: 1 + Math.floor(random() * 2) }, () => pick(words)).join(" ");
  const questions: object[] = [];
  const annotations: object[] = [];
  const lines: string[] = [];
  for (let index = 0; index < count; index++) {
    const image_id = 100_000 + Math.floor(index / 3);
    const question_id = image_id * 1000 + (index % 3);
    const question = `What is the ${pick(words)} ${pick(words)} next to the ${pick(words)}?`;
    const truth = text();
    const answers = Array.from({ length: 10 }, (_, person) => ({
      answer: random() < 0.7 ? truth : text(),
      answer_confidence: pick(["yes", "maybe", "no"]),
      answer_id: person + 1,
    }));
    questions.push({ image_id, question, question_id });
    annotations.push({
      question_type: pick(["what is the", "how many", "is the", "none of the above"]),
      multiple_choice_answer: truth,
      answers,
      image_id,
      answer_type: pick(["yes/no", "number", "other"]),
      question_id,
    });
    const said = random() < 0.6 ? truth : text();
    lines.push(
      JSON.stringify({
        question_id,
        prompt: `${question}\nAnswer the question using a single word or phrase.`,
        text: random() < 0.2 ? `The ${said}.` : said.charAt(0).toUpperCase() + said.slice(1),
        answer_id: `a${index}`.padEnd(22, "x"),
        model_id: "generated",
        metadata: {},
      }),
    );
  }
  const frame = { info: {}, license: {}, data_type: "mscoco", data_subtype: "val2014" };
  const write = (name: string, content: object) => writeFileSync(join(folder, name), JSON.stringify(content));
  write("v2_OpenEnded_mscoco_val2014_questions.json", { ...frame, task_type: "Open-Ended", questions });
  write("v2_mscoco_val2014_annotations.json", { ...frame, annotations });
  const answers = join(folder, "answers.jsonl");
  writeFileSync(answers, `${lines.join("\n")}\n`);
  return { folder, answers };
}
