import type { PictureWay, Positions, WayChoices } from "prumerge/browser";
import type { Inspection } from "prumerge/drawing";
import type { Budget } from "prumerge/reduce";

/** How far the model's download is; undefined where there is none. */
export interface LoadProgress {
  readonly loadedBytes: number;
  readonly totalBytes: number;
}

/** A method that the model can run. */
export interface MethodInfo {
  readonly name: string;
  readonly description: string;
  /** The kinds of budget that it takes. */
  readonly budgets: readonly Budget["kind"][];
  readonly defaultBudget: Budget;
  /** Its option of that name where nobody sets it; left out where it has none. */
  readonly sizeBias?: boolean;
}

/** A picture to try the page with, and questions that fit it. */
interface Sample {
  readonly name: string;
  readonly url: string;
  readonly questions: readonly string[];
}

/** What the page has to know about a model. */
export interface ModelInfo {
  readonly name: string;
  /** Where it runs, for people: `in this browser, WebAssembly, 2 threads`. */
  readonly place: string;
  /** What its users should know, a line each. */
  readonly notes: readonly string[];
  /** Visual tokens of every picture without reduction; undefined where each picture has a number of its own. */
  readonly unreducedTokens: number | undefined;
  /** Visual tokens that every reduction leaves as they are: the class token, where the language model gets it. */
  readonly leadingTokens: number;
  readonly keyValueBytesPerToken: number;
  readonly methods: readonly MethodInfo[];
  /** What can be said of how it is shown a picture. */
  readonly ways: WayChoices;
  /** Whether it is shown videos. */
  readonly videos: boolean;
  /** Where the language model can have kept rows stand. */
  readonly positions: readonly Positions[];
  /** Whether a row may weigh there what it stands for. */
  readonly rowBias: boolean;
  /** What the model does where nobody says anything else. */
  readonly defaultReduction: Reduction;
  readonly samples: readonly Sample[];
  /** Where the same model answers over HTTP, for the commands that the page writes. */
  readonly origin: string;
  /** Whether it wants a key there. */
  readonly wantsKey: boolean;
}

/** A method with its budget, and where its rows stand. */
export interface Reduction {
  readonly method: string;
  readonly budget: Budget;
  /** Of the method, without the budget; those that are not said are its defaults. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly positions: Positions;
}

/** Whether the language model gets anything else than every row. */
export function reduces(reduction: Reduction | undefined): reduction is Reduction {
  return reduction !== undefined && reduction.budget.kind !== "all";
}

/** How a picture is shown: in how many views, or of how many pixels. What is left out is the model's own way. */
export type ShownWay = Pick<PictureWay, "views" | "minPixels" | "maxPixels">;

/** A picture that the model has been shown. */
export interface SeenPicture {
  /**
   * What a method makes of it: at once where all that methods read is here, else when the model has told.
   *
   * @throws Error in words for people, at once or later
   */
  inspect(reduction: Reduction, signal: AbortSignal): Inspection | Promise<Inspection>;
}

/** A frame of a video, with what is kept of it. */
export interface ShownFrame {
  /** Which of the video's frames, from 0. */
  readonly frame: number;
  readonly seconds?: number;
  readonly picture: Blob;
  readonly url: string;
  readonly inspection: Inspection;
  /** Patches of other frames that were merged into its visual tokens. */
  readonly borrowed: number;
}

/** What is kept of a video. */
export interface ShownFilm {
  readonly frames: readonly ShownFrame[];
  /** Of all frames together. */
  readonly statistics: Inspection["statistics"];
  /** What a user should know of what was read, a line each. */
  readonly notes: readonly string[];
}

/** A video that the model has been shown. */
export interface SeenClip {
  /** @throws Error in words for people */
  film(reduction: Reduction, signal: AbortSignal): Promise<ShownFilm>;
}

/** What to show to a model. */
export interface Showing {
  readonly picture: Blob;
  /** Whether it is a video. */
  readonly clip: boolean;
  /** What to call the picture. */
  readonly name: string;
  readonly way: ShownWay;
  /** For methods that read it. */
  readonly question?: string;
  readonly signal: AbortSignal;
}

export interface ChatTurn {
  readonly role: "user" | "assistant";
  readonly content: string;
}

interface Question {
  readonly picture: Blob;
  /** Whether it is a video. */
  readonly clip: boolean;
  readonly way: ShownWay;
  /** Undefined: every patch. */
  readonly reduction: Reduction | undefined;
  /** The conversation, which ends with the user's question. */
  readonly messages: readonly ChatTurn[];
  readonly signal: AbortSignal;
}

/** What one answer took. Times in milliseconds. */
export interface AnswerNumbers {
  readonly visualTokens: number;
  readonly promptTokens: number;
  /** Of them, how many an earlier question's cache held. */
  readonly reusedTokens: number;
  readonly answerTokens: number;
  /** Of the picture, when it was encoded: for this question, or one before. */
  readonly visionTower: number;
  /** The language model's, from the visual tokens and the question to the first word. */
  readonly firstToken: number;
  /** The language model's, to the end. */
  readonly total: number;
  readonly keyValueBytes: number;
  /** Positions that the context had not for the picture, whose rows were drawn together; left out where none are missing. */
  readonly missingPositions?: number;
}

/** The model behind the page, wherever it runs. */
export interface ModelBackend {
  readonly info: ModelInfo;
  see(showing: Showing): Promise<SeenPicture | SeenClip>;
  /** Yields the answer as it comes; the numbers are the generator's result. */
  ask(question: Question): AsyncGenerator<string, AnswerNumbers, undefined>;
}

/** Opens the model; both modules that `#backend` stands for export one. */
export type OpenBackend = (onProgress: (progress: LoadProgress) => void) => Promise<ModelBackend>;
