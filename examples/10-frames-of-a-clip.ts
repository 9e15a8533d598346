/** Frames of a clip: which are taken by which rule, and what the bundled model sees in each of them. */
import { loadModel, openVideo, pruMergePlus, sampleFrames } from "prumerge";

// An animated WebP; video files such as MP4 are read alike, by the program ffmpeg.
const clip = openVideo(new URL("clip.webp", import.meta.url));

const { frames, indices, seconds, total } = await clip.take({ rule: "linspace", count: 3 });
console.log(`${frames.length} of ${total} frames: ${indices.join(", ")}.`);
console.log(`Of 240 frames Video-LLaVA takes ${sampleFrames("linspace", 8, 240).join(", ")},`);
console.log(`and transformers' examples ${sampleFrames("arange", 8, 240).join(", ")}.`);

// The bundled model is shown pictures. One that watches videos takes the clip itself:
// await model.see(clip, pruMergePlus()), with the frames that its own program takes.
const model = await loadModel();
for (const [at, frame] of frames.entries()) {
  const seen = await model.see(frame, pruMergePlus({ tokens: 64 }));
  const { text } = await model.answer(seen, "Is there a fish in the image?").result;
  console.log(`At ${seconds?.[at]} s, is there a fish? ${text}`);
}
await model.dispose();
