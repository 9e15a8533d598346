import { type Inspection, type Layer, overlaySvg } from "prumerge/drawing";

/** Pixels of the longest side that an exported figure holds of its picture. */
const longestSide = 1344;

export interface FigureChoice {
  readonly layer: Layer;
  readonly theme: "light" | "dark";
}

/** The figure as a file of SVG, its picture inside. */
export async function figureSvg(inspection: Inspection, picture: Blob, choice: FigureChoice): Promise<Blob> {
  const svg = overlaySvg(inspection, await pictureUri(picture), choice);
  return new Blob([svg], { type: "image/svg+xml" });
}

/** The figure as a PNG of twice its natural size. */
export async function figurePng(inspection: Inspection, picture: Blob, choice: FigureChoice): Promise<Blob> {
  const url = URL.createObjectURL(await figureSvg(inspection, picture, choice));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth * 2;
    canvas.height = image.naturalHeight * 2;
    canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob(
        (blob) => (blob === null ? reject(new Error("No PNG could be made")) : resolve(blob)),
        "image/png",
      ),
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}

export function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function pictureUri(picture: Blob): Promise<string> {
  const bitmap = await createImageBitmap(picture);
  const scale = Math.min(1, longestSide / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext("2d")!.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas.toDataURL("image/png");
}
