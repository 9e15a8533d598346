import {
  classAttention,
  noReduction,
  pooledOutlierRatio,
  pruMerge,
  pruMergePlus,
  type Reducer,
  type Signals,
  uniformSampling,
} from "prumerge/reduce";
import { outside } from "../model-check.js";
import { fixedPlusPlan } from "../prumerge/fixed-plus.js";
import type { VideoLlavaCase } from "./case.js";

/** How a case reduces a picture or a video of it, by its name. */
export function reducerOf(
  { name, inputs, parameters, expected }: VideoLlavaCase,
  kind: "picture" | "video",
  signals: readonly Signals[],
): Reducer {
  const way = name.slice(inputs.model.length + 1).replace(/^(?:image|video|both)-/, "");
  // What the graph does not do is planned: there the released code's rounding counts.
  const compatibility = "released" as const;
  const { N: patches, reduction_ratio_argument: ratio } = parameters;
  switch (way) {
    case "full":
    case "full-spaced":
      return noReduction();
    case "nocls":
      return uniformSampling({ tokens: patches * signals.length });
    case "prumerge":
      return pruMerge({ compatibility });
    case "prumerge-plus":
      return pruMergePlus({ compatibility });
    case "prumerge-fixed":
      return pruMerge({ tokens: expected.visual_tokens });
    case "prumerge-plus-fixed":
      return outside("prumerge+", (frame) => fixedPlusPlan(frame, ratio!, patches - 1));
    case "prumerge-batch":
      return pruMerge({
        compatibility,
        outlierRatio: pooledOutlierRatio(signals.map((frame) => classAttention(frame))),
      });
  }
  throw new Error(`${kind} of ${name}: a way of reducing that is not known here`);
}
