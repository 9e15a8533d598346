import type { RawPrompt } from "../generate/messages.js";
import type { PictureWay } from "../see/choose-aspect.js";
import type { RememberedSight } from "../see/remembered-sight.js";
import type { RowOptions } from "../see/row-place.js";
import type { FrameSampling } from "../video/sampling.js";

/** How a picture is seen. */
export interface SeeOptions extends RowOptions, PictureWay {
  /**
   * What will be asked about the picture, for reducers that read it, which are refused without it; others pass it over. What is
   * seen so belongs to this question. A prompt written out is read whole but for its pictures' places, as OpenVINO GenAI reads it.
   */
  readonly question?: string | RawPrompt;
  /** Runs of the vision graph on the same pixel values that an earlier call made, and a place for new ones. Default: none. */
  readonly sight?: RememberedSight;
  /**
   * Hand back what reducers read: patches, keys, queries, class attention and, but where the vision graph reduced, the patches
   * after the projector, and with {@link question} its relevance to each. Default false.
   */
  readonly signals?: boolean;
  /** Of a video: which frames are taken, where that is otherwise than the model's own program does it. */
  readonly sampling?: Partial<FrameSampling>;
  readonly signal?: AbortSignal;
}
