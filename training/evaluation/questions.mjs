// The questions of benchmarks as prumerge reads them, one JSON object a line:
// {data, tasks, rules, limit, pictures: folder for pictures that lie inside of the data}
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { text } from "node:stream/consumers";
import { loadTasks } from "../../dist/cli/load-tasks.js";
import { llavaQuestion } from "../../dist/eval/run/llava-answer.js";
import { selectQuestions } from "../../dist/eval/run/select-questions.js";
import { tasks as known } from "../../dist/eval/tasks/registry.js";
import { decodePicture } from "../../dist/image/index.js";

const { data, tasks = known.map(({ name }) => name), rules, limit, pictures } = JSON.parse(await text(process.stdin));
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const seen = new Map();

/** @param picture a file, or bytes inside of the data, which become a file */
async function describe(picture) {
  const bytes = "path" in picture ? await readFile(picture.path) : picture.bytes;
  const sha = sha256(bytes);
  if (!seen.has(sha)) {
    const path = picture.path ?? join(pictures, `${sha}${extname(picture.name)}`);
    if (picture.path === undefined) {
      await mkdir(pictures, { recursive: true });
      await writeFile(path, bytes);
    }
    seen.set(sha, { path, sha256: sha, pixels: sha256((await decodePicture(path)).data) });
  }
  return seen.get(sha);
}

for (const { task, loaded } of await loadTasks(tasks, data, rules)) {
  for (const question of selectQuestions(loaded, { limit: limit ?? null, shard: null })) {
    const { id, picture, text, maxNewTokens } = question;
    const about = picture === undefined ? null : await describe(picture);
    const line = { task: task.name, id, text, maxNewTokens, picture: about, llava: llavaQuestion(task.name, question) };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
}
