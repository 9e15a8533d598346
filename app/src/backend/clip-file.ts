import type { ModelInfo } from "./model-backend.js";

/** Endings of video files, for those whose type the system does not know. */
const endings = /\.(mp4|m4v|mov|webm|mkv|avi|ts|mpe?g|ogv|wmv|flv)$/i;

/** Whether a file that somebody chose is a video. */
export function isClip({ type }: Pick<Blob, "type">, name: string): boolean {
  return type.startsWith("video/") || (!type.startsWith("image/") && endings.test(name));
}

/** @throws Error where the model is shown no videos */
export function refuseClip({ name, videos }: Pick<ModelInfo, "name" | "videos">): void {
  if (videos) return;
  throw new Error(
    `The model ${name} is shown no videos: it looks at pictures alone. Run a model that watches them, such as LLaVA-OneVision.`,
  );
}
