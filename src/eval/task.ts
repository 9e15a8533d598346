/**
 * What a benchmark is to the rest of prumerge. A task loads official files into questions, judges the answers one unit at
 * a time, and aggregates the verdicts into scores. It says of which shares each score is made, so that intervals can be worked
 * out without knowing the task.
 */

/** A picture of a benchmark: a file on disk, or bytes that came inside of the data (MMBench's TSV). Or a video's file. */
export type TaskPicture =
  | { readonly name: string; readonly path: string; readonly isVideo?: true }
  | { readonly name: string; readonly bytes: Uint8Array };

/** Whether a benchmark's picture is a video, of which a model takes frames. */
export function isVideoFile(
  picture: TaskPicture | undefined,
): picture is Extract<TaskPicture, { readonly path: string }> & { readonly isVideo: true } {
  return picture !== undefined && "path" in picture && picture.isVideo === true;
}

/** One question as the model is asked it. */
export interface TaskQuestion {
  /** Unique within the task, stable across runs; for most tasks the benchmark's own question id. */
  readonly id: string;
  /** Undefined for a question without a picture (ScienceQA). */
  readonly picture: TaskPicture | undefined;
  /** LLaVA-1.5's text of the user's turn, without `<image>\n`; of videos that of the program that the task names. */
  readonly text: string;
  /** The official script's limit for this task; LLaVA's: 128, or 1024 for ScienceQA and MMBench. */
  readonly maxNewTokens: number;
  /** Whether the answer hangs on something small in the picture; undefined where the data does not say. */
  readonly detail: boolean | undefined;
}

/** The outcome of what is judged as one: one question, or one picture's pair (MME), or one circular group (MMBench). */
export interface Verdict {
  /** Ids of the questions that make this unit. */
  readonly questions: readonly string[];
  /** Share of the unit that is right, 0 to 1: what a question-by-question comparison shows. */
  readonly credit: number;
  /** Sub-scores that this unit belongs to, as the task names them: a category, a subtask, an answer type. */
  readonly groups: readonly string[];
  /**
   * The picture that this unit is about, where others may be, too: their answers depend on each other, so an interval counts
   * pictures. A unit without one stands for itself.
   */
  readonly cluster?: string | undefined;
}

/**
 * A part of a score: `points` times (the sum of `right` over the sum of `whole`), over all verdicts. An accuracy is one such
 * share, MME's perception is two of each subtask, POPE's headline is three F1 scores.
 */
export interface Share<V extends Verdict = Verdict> {
  /** What the share adds to the score at most. */
  readonly points: number;
  /** What a verdict adds above and below the line; 0 and 0 where it is not about the share. */
  right(verdict: V): number;
  whole(verdict: V): number;
  /**
   * How many wrongs a verdict can make, counted in `whole`, where all else is right; and how much right, where all else is
   * wrong. Default: `whole`. They differ where an error adds to `whole` (F1 scores, precision).
   */
  loss?(verdict: V): number;
  gain?(verdict: V): number;
}

/** One number of a result. */
export interface Score {
  /** `overall`, `random/f1`, `perception/count`: stable names, slashes from coarse to fine. */
  readonly name: string;
  readonly value: number;
  /** `percent`: 0 to 100. `points`: MME's sums. `ratio`: 0 to 1. */
  readonly unit: "percent" | "points" | "ratio";
  /** How many questions it is about. */
  readonly count: number;
}

/** All numbers of one task for one set of answers. */
export interface Scores {
  /** What LLaVA's tables report. */
  readonly headline: Score;
  /** The headline's parts and the rest, coarse before fine. */
  readonly scores: readonly Score[];
}

/** One answer as an answers file gives it, before it is matched with its question. */
export interface GivenAnswer {
  /** What the file calls the question: its `question_id` or `questionId` as text, leading zeros kept. */
  readonly question: string;
  /** What the model was asked, where the file says so (LLaVA's `prompt`). */
  readonly prompt: string | undefined;
  /** What the model wrote, untouched. */
  readonly text: string;
  readonly file: string;
  /** Line of the file, from 1; undefined where the format has no lines (xlsx). */
  readonly line: number | undefined;
}

/** What a judge is told of a question: the question as the benchmark has it, and what people answered. */
export interface Reference {
  readonly question: string;
  readonly answer: string;
}

/** A benchmark's files, read. Answers are what the model wrote, untouched, by question id. */
export interface LoadedTask<V extends Verdict = Verdict> {
  readonly questions: readonly TaskQuestion[];
  /**
   * Ids of the questions that are asked together or not at all, for tasks whose units are known without labels. Default: as
   * `judge` has them; each question by itself where it refuses.
   */
  readonly units?: readonly (readonly string[])[];
  /**
   * Judges every question. One that has no answer in the map is wrong, whatever the rule makes of an empty answer: it
   * gets there only where missing answers are allowed.
   *
   * @throws PrumergeError NO_LABELS where the split has no public answers
   */
  judge(answers: ReadonlyMap<string, string>): readonly V[];
  /** Scores of this task's verdicts, or of some of them. */
  aggregate(verdicts: readonly V[]): Scores;
  /**
   * What the score of this name is made of, for these verdicts: the shares' sum is its value. None for a number that no answer
   * changes (what MME makes possible). Default, and where it is undefined: the mean credit of the group of that name, or of all
   * verdicts where no group is called so.
   */
  shares?(score: string, verdicts: readonly V[]): readonly Share<V>[] | undefined;
  /** By question id, for tasks whose answers a language model may judge (`--judge`). Default: it may not. */
  readonly references?: ReadonlyMap<string, Reference>;
  /**
   * The id of the question that an answer is about, for tasks whose answers files do not name it by its id alone
   * (TextVQA's give the picture, MME's one id to a pair). Undefined where there is none. Default: `answer.question`.
   */
  identify?(answer: GivenAnswer): string | undefined;
  /**
   * Reads a file or folder in the benchmark's own result format, where that is not JSON records with an id (POPE's
   * three files, MME's result folder, MMBench's xlsx, ScienceQA's outputs). Undefined where the path is something else.
   * Answers that it returns name questions by the task's own ids.
   *
   * @throws PrumergeError INVALID_FILE with file and line
   */
  readResults?(path: string): Promise<readonly GivenAnswer[] | undefined>;
}

/** Options of a task by name, as `--rule name=value` gives them; a task refuses names and values it does not know. */
export type TaskOptions = Readonly<Record<string, string>>;

/** A benchmark. One folder `src/eval/tasks/<name>/` each, listed in `src/eval/tasks/registry.ts`. */
export interface Task<V extends Verdict = Verdict> {
  /** Lower-case name for the command line, such as `vqav2`. */
  readonly name: string;
  /** The benchmark's own spelling, such as `VQAv2`. */
  readonly title: string;
  /** What the headline is, in words: `mean of the three F1 scores`. */
  readonly headline: string;
  /** Options that it knows, each with its values, default first, and what it switches (with the source). */
  readonly options: readonly TaskOption[];
  /**
   * Reads and checks the benchmark's files; pictures need not be there (whoever shows them to a model reports those).
   *
   * @param folder holds the official files under their official names; pictures where the benchmark puts them
   * @throws PrumergeError NOT_FOUND, INVALID_FILE with file and line, INVALID_OPTION
   */
  load(folder: string, options?: TaskOptions): Promise<LoadedTask<V>>;
}

export interface TaskOption {
  readonly name: string;
  readonly values: readonly string[];
  readonly help: string;
}
