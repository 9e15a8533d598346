import type {
  AnswerNumbers,
  LoadProgress,
  ModelInfo,
  Reduction,
  SeenClip,
  SeenPicture,
  ShownWay,
} from "../backend/model-backend.js";
import type { FirstFigures } from "./first-figures.js";

/** One of the two answers to a question. */
export interface AnswerState {
  /** Undefined: every patch. */
  readonly reduction: Reduction | undefined;
  readonly status: "waiting" | "streaming" | "done" | "stopped" | "failed";
  readonly text: string;
  readonly numbers?: AnswerNumbers;
  readonly failure?: string;
  /** The server wanted a key, or another one. */
  readonly keyNeeded?: boolean;
}

export interface Turn {
  readonly id: string;
  readonly question: string;
  /** The reduced model's answer, and the unreduced one's where it was asked for. */
  readonly answers: readonly AnswerState[];
}

export interface PictureEntry {
  readonly id: string;
  readonly name: string;
  readonly blob: Blob;
  /** Whether it is a video. */
  readonly clip: boolean;
  readonly url: string;
  /** To try; none for a picture of the reader's own. */
  readonly questions: readonly string[];
  readonly turns: readonly Turn[];
  /** Outlive the conversation, as the language model's cache does. */
  readonly firsts: FirstFigures;
  readonly seen?: SeenPicture | SeenClip | undefined;
  readonly failure?: string | undefined;
}

export interface SessionState {
  readonly model?: ModelInfo;
  readonly progress?: LoadProgress | undefined;
  readonly failure?: string | undefined;
  /** Whether the server wants a key, or another one. */
  readonly keyNeeded?: boolean;
  readonly pictures: readonly PictureEntry[];
  readonly currentId?: string | undefined;
  readonly reduction: Reduction;
  /** How every picture is shown. */
  readonly way: ShownWay;
  /** Ask the unreduced model too. */
  readonly compare: boolean;
  /** Send what was said before along. */
  readonly followUp: boolean;
  readonly busy: boolean;
}
