/** A frame as a file, and its address on this page. */
export interface FrameFile {
  readonly picture: Blob;
  readonly url: string;
}

/** Pixels as a file: RGB, rows from the top. */
export async function frameFile(pixels: {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}): Promise<FrameFile> {
  const { width, height, data } = pixels;
  const canvas = new OffscreenCanvas(width, height);
  const image = new ImageData(width, height);
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    image.data.set(data.subarray(from, from + 3), to);
    image.data[to + 3] = 255;
  }
  canvas.getContext("2d")!.putImageData(image, 0, 0);
  return fileAt(await canvas.convertToBlob());
}

/** A `data:` URL as a file. */
export function frameOf(dataUrl: string): FrameFile {
  const [, type, base64] = /^data:([^;]+);base64,(.*)$/s.exec(dataUrl) ?? [];
  if (type === undefined || base64 === undefined)
    throw new Error("The server sent a frame that is no picture.");
  return fileAt(new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type }));
}

/** Kept as long as the page: what is drawn of a frame may be asked for at any time. */
function fileAt(picture: Blob): FrameFile {
  return { picture, url: URL.createObjectURL(picture) };
}
