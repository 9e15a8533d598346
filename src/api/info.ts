import type { Positions } from "./reduction.js";

/** The answer of `GET /v1/prumerge/info`: what a server is, for programs that draw controls for it. */
export interface Info {
  readonly object: "prumerge.info";
  /** Of prumerge. */
  readonly version: string;
  readonly model: ModelInfo;
  /** What requests get that ask for nothing. */
  readonly default: {
    readonly method: string;
    /** As requests spell it, such as `adaptive:144`. */
    readonly visual_tokens: string;
    readonly options: Readonly<Record<string, unknown>>;
    readonly positions: Positions;
  };
  /** Methods that this model can run. */
  readonly methods: readonly MethodInfo[];
  /** Pictures to try it with. */
  readonly samples: readonly {
    readonly name: string;
    /** Path on this server, without authentication. */
    readonly url: string;
    readonly questions: readonly string[];
  }[];
  /** What a request may hold. */
  readonly limits: {
    readonly body_bytes: number;
    readonly picture_bytes: number;
    readonly picture_pixels: number;
    readonly pictures: number;
    readonly prompt_tokens: number;
    readonly output_tokens: number;
  };
  readonly backend: "local" | "vllm";
}

/** The model of a server. */
export interface ModelInfo {
  readonly id: string;
  /** Side of the square that the vision tower sees, pixels; null where it takes any size. */
  readonly image_size: number | null;
  /** Patches of one view; null where it may have any size. */
  readonly grid: { readonly rows: number; readonly columns: number } | null;
  /** Visual tokens of one view without reduction; null where that depends on the picture. */
  readonly unreduced_tokens: number | null;
  /** Whether a picture is several views, the whole and its tiles. */
  readonly tiles: boolean;
  /** Whether it is shown videos. */
  readonly videos: boolean;
  /** Fewest and most pixels of a picture where a request names none; null where pictures have the tower's size. */
  readonly pixels: { readonly min: number; readonly max: number } | null;
  /** Tokens of prompt and answer together. */
  readonly context: number;
  /** Where kept rows may stand. */
  readonly positions: readonly Positions[];
  /** Whether a row may weigh what it stands for: the option `sizeBias` of methods that average. */
  readonly row_bias: boolean;
  readonly hidden_size: number;
  readonly key_value_bytes_per_token: number;
  /** What its users should know, a line each. */
  readonly notes: readonly string[];
}

/** A method that a server's model can run. */
export interface MethodInfo {
  readonly name: string;
  readonly description: string;
  /** What `visual_tokens` may be: a number, a share (`25%`), `adaptive:N`, `adaptive`, or `all`. */
  readonly budgets: readonly ("exact" | "share" | "cap" | "rule" | "all")[];
  /** Where a request names none. */
  readonly visual_tokens: string;
  /** Whether a picture is seen anew for each question, which is the last message's text. */
  readonly reads_question: boolean;
  readonly options: readonly {
    readonly name: string;
    readonly type: "number" | "boolean" | "string";
    readonly default: number | boolean | string;
  }[];
}
