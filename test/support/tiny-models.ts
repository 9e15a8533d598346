import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convert } from "prumerge/convert";
import sharp from "sharp";
import { goldenPath } from "./checkpoint-folder.js";

/** Recorded checkpoints of families whose pictures are no one square, by what tests call them. */
const recorded = {
  next: "llava_next/tiny-next-llama",
  onevision: "llava_onevision/tiny-ov-qwen2",
  smolvlm: "smolvlm/tiny-idefics3",
  qwen: "qwen2_5_vl/tiny-qwen25vl-tied",
} as const;

export type TinyModel = keyof typeof recorded;

/** Converted folders of tiny models, and a photo-like picture, in a folder of their own. */
export interface TinyModels {
  readonly folder: string;
  /** A converted folder, made once. */
  convert(name: TinyModel): Promise<string>;
  /** A PNG whose four quarters have a colour each, with stripes of one direction each. */
  picture(width: number, height: number): Promise<string>;
  remove(): void;
}

export function tinyModels(folder = mkdtempSync(join(tmpdir(), "prumerge-tiny-models-"))): TinyModels {
  const made = new Map<TinyModel, Promise<string>>();
  const make = async (name: TinyModel) => {
    const target = join(folder, name);
    await convert(goldenPath(recorded[name]), target, { dtype: "fp32", workers: 0 });
    return target;
  };
  return {
    folder,
    convert(name) {
      const known = made.get(name) ?? make(name);
      made.set(name, known);
      return known;
    },
    async picture(width, height) {
      const path = join(folder, `picture-${width}x${height}.png`);
      const data = new Uint8Array(width * height * 3);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const quarter = (x * 2 >= width ? 1 : 0) + (y * 2 >= height ? 2 : 0);
          const stripe = Math.floor((quarter % 2 === 0 ? x : y) / 9) % 2 === 0 ? 1 : 0.55;
          data.set(
            colours[quarter]!.map((value) => value * stripe),
            (y * width + x) * 3,
          );
        }
      }
      await sharp(data, { raw: { width, height, channels: 3 } })
        .png()
        .toFile(path);
      return path;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const colours = [
  [214, 96, 77],
  [90, 160, 90],
  [70, 110, 190],
  [220, 180, 70],
] as const;
