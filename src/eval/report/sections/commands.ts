import { escapeText } from "../../../view/svg.js";
import type { ReportData, ReportRun } from "../report-data.js";
import { commandLine } from "../words.js";
import { table } from "./table.js";

/** The exact commands, and with which versions and files on which machine they ran. */
export function commandsSection({ runs }: ReportData): string {
  return `<section><h2>Commands and versions</h2>${runs.map(runPart).join("")}</section>`;
}

function runPart({ folder, run }: ReportRun): string {
  const { commands, versions, machine, model, prompt, generation, tasks } = run;
  const lines = commands.map(({ words }) => commandLine(words)).join("\n");
  const rows = [
    ["folder", folder],
    ["began", commands[0].began],
    ["model", `${model.name}, sha256 ${model.hash}`],
    ["prompt", prompt === "vicuna_v1" ? "LLaVA-1.5's (vicuna_v1)" : "the model's own chat template"],
    ["longest answer", generation.maxNewTokens === null ? "the task's" : `${generation.maxNewTokens} tokens`],
    ["square of the picture", generation.imageAspect ?? "the model's"],
    ...pixelsRow(generation),
    ...tasks.map((task) => [task.title, `${task.data}, ${part(task)}`]),
    [
      "versions",
      `prumerge ${versions.prumerge}, ONNX Runtime ${versions.onnxruntime}, Node ${versions.node}`,
    ],
    [
      "machine",
      `${machine.cores} cores of ${machine.processor}, ${(machine.memoryBytes / 1e9).toFixed(0)} GB, ${machine.platform}`,
    ],
  ];
  const files = model.files.map(({ path, bytes, sha256 }) => [path, String(bytes), sha256]);
  return `<pre>${escapePreformatted(lines)}</pre>${table("", ["", ""], rows, "plain")}<details><summary>Files of the model that decide an answer</summary>${table("", ["file", "bytes", "sha256"], files, "plain")}</details>`;
}

/** Where a run has limits of its own. */
function pixelsRow({ minPixels, maxPixels }: ReportRun["run"]["generation"]): string[][] {
  const words = [
    ...(minPixels === undefined ? [] : [`at least ${minPixels}`]),
    ...(maxPixels === undefined ? [] : [`at most ${maxPixels}`]),
  ];
  return words.length === 0 ? [] : [["pixels of the picture", words.join(", ")]];
}

/** Which of a task's questions were asked. */
function part({ limit, shard, selected, available }: ReportRun["run"]["tasks"][number]): string {
  const words = [limit && `limit ${limit}`, shard && `shard ${shard.index}/${shard.count}`].filter(Boolean);
  return [`${selected} of ${available} questions`, ...words].join(", ");
}

/** Keeps line breaks, which `escapeText` does not. */
function escapePreformatted(text: string): string {
  return text.split("\n").map(escapeText).join("\n");
}
