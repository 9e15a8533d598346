import { type FrameTimes, preprocessFramePairs } from "../../image/frame-pairs.js";
import { nativeSize } from "../../image/native-size.js";
import { nativeVideoSize } from "../../image/native-video-size.js";
import type { PixelValues } from "../../image/picture.js";
import { areaWithin } from "../../image/preprocess.js";
import type { FrameSampling } from "../../video/sampling.js";
import type { TakenFrames, VideoDoor } from "../video-door.js";

/** What differs between the generations where they watch videos. */
export interface VideoWay {
  readonly sampling: FrameSampling;
  /** Rows of the language model, of each two frames or of all frames, as `ofAll` says: the processors' own defaults. */
  readonly tokens: { readonly min: number; readonly max: number };
  readonly ofAll: boolean;
}

const often = { count: 768, fps: 2, minimum: 4 } as const;

/** Of Qwen2-VL and Qwen2.5-VL. Source: transformers `Qwen2VLVideoProcessor`. */
export const framesOfSize: VideoWay = {
  sampling: { rule: "arange-float32", ...often, multiple: 2 },
  tokens: { min: 128, max: 768 },
  ofAll: false,
};

/** Of Qwen3-VL. Source: transformers `Qwen3VLVideoProcessor`. */
export const framesTogetherOfSize: VideoWay = {
  sampling: { rule: "linspace-rounded", ...often },
  tokens: { min: 128, max: 768 },
  ofAll: true,
};

/** How Qwen-VL watches a video: two frames make one view. */
export function videoDoor({ sampling, tokens, ofAll }: VideoWay): VideoDoor {
  return {
    sampling,
    show(frames, preprocessing, taken, asked = {}) {
      const unit = preprocessing.size;
      const usual = { min: tokens.min * unit ** 2, max: tokens.max * unit ** 2 };
      const area = areaWithin({ unit, ...(preprocessing.videos?.area ?? usual) }, asked);
      return preprocessFramePairs(
        frames,
        preprocessing,
        (count, width, height) =>
          ofAll ? nativeVideoSize(count, width, height, area) : nativeSize(width, height, area),
        frameTimes(frames.length, taken),
      );
    },
  };
}

/** What transformers takes a video's rate for that does not say it. */
const usualRate = 24;

/** When frames are shown. Where nothing tells a video's time, as transformers has it then. */
function frameTimes(count: number, taken: TakenFrames | undefined): FrameTimes {
  const indices = taken?.indices ?? Array.from({ length: count }, (_, frame) => frame);
  const seconds = taken?.seconds;
  const span = (values: readonly number[]) => values.at(-1)! - values[0]!;
  if (seconds === undefined || !(span(seconds) > 0))
    return { seconds: seconds ?? indices.map((frame) => frame / usualRate), rate: usualRate };
  const rate = span(indices) / span(seconds);
  return { seconds, rate: (count / taken!.total) * rate };
}

/** The marks around a picture's rows in prompts. */
export const visionMarks = ["<|vision_start|>", "<|vision_end|>"] as const;

/** What Qwen3-VL's prompts say of a video: before each two frames when they are shown; undefined of a still picture. */
export function timeTexts({ times }: PixelValues): readonly string[] | undefined {
  if (times === undefined) return undefined;
  const [start, end] = visionMarks;
  const texts = times.seconds.map(
    (second, at) => `${at === 0 ? "" : end}<${oneDecimal(second)} seconds>${start}`,
  );
  return [...texts, end];
}

/** As Python prints it: of a number that lies in the middle, which only quarters do, the even digit. */
function oneDecimal(value: number): string {
  return value % 1 === 0.25 ? `${Math.floor(value)}.2` : value.toFixed(1);
}
