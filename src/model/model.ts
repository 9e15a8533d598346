/// <reference lib="esnext.disposable" preserve="true" />
import { PrumergeError } from "../errors.js";
import { runFamily } from "../families/run-registry.js";
import { refuseAborted } from "../generate/aborted.js";
import { type Answer, startAnswer } from "../generate/answer.js";
import type { AnswerOptions } from "../generate/answer-options.js";
import { Chat } from "../generate/chat.js";
import { checkReducer } from "../generate/check-arguments.js";
import { embedQuestion } from "../generate/embed-question.js";
import type { Question } from "../generate/messages.js";
import { beginsWith, runsOf } from "../generate/prompt.js";
import type { AnswerContext } from "../generate/run-answer.js";
import type { PixelValues, PreprocessSpec } from "../image/index.js";
import { checkShown } from "../image/preprocess.js";
import type { Aspect } from "../image/preprocess-spec.js";
import { type CacheForm, defaultCacheForm } from "../models/cache-forms.js";
import type { OtherForms } from "../models/language-forms.js";
import type { ModelSpec } from "../models/spec.js";
import type { Method } from "../reduce/method.js";
import { type MethodSupport, runsMethod } from "../reduce/method-support.js";
import { readsQuestion } from "../reduce/need.js";
import type { Reducer } from "../reduce/reducer.js";
import { methods } from "../reduce/registry.js";
import type { Engine } from "../runtime/engine.js";
import { refuseOtherReduction } from "../see/baked-reduction.js";
import { areaOf, chooseAspect, type PictureWay } from "../see/choose-aspect.js";
import { type RowChoices, takenPositions } from "../see/row-choices.js";
import { biasable, checkAxes, checkPositions, type Positions, usualPositions } from "../see/row-place.js";
import { seePixels } from "../see/see.js";
import type { VisualTokens } from "../see/visual-tokens.js";
import type { FrameSampling } from "../video/sampling.js";
import type { Video } from "../video/video.js";
import type { FolderDescription } from "./folder-description.js";
import type { ImageInput } from "./model-input.js";
import { supportOfMethods, usualReducer, visionKind } from "./model-methods.js";
import type { SourceReader } from "./picture-input.js";
import type { SeeOptions } from "./see-options.js";
import { takenBackBy } from "./taken-back.js";
import { unnamedNote } from "./unnamed-note.js";
import { notesOn } from "./vision-notes.js";
import { lookAt, ownSampling } from "./watch-video.js";

export type { SeeOptions };

const encoding = "encoding a picture";

/**
 * A model ready to see and to answer. Its two steps are separate because visual tokens do not depend on the question, but where a
 * method reads it.
 *
 * @example
 * ```ts
 * const model = await loadModel("pocket-llava");
 * const seen = await model.see("table.png", pruMergePlus({ tokens: 64 }));
 * for await (const text of model.answer(seen, "What is on the table?")) process.stdout.write(text);
 * await model.dispose();
 * ```
 */
export class LoadedModel<Source = ImageInput> {
  /** Absolute path of the model folder. */
  readonly folder: string;
  readonly spec: ModelSpec;
  /** How {@link prepare} makes the vision tower's input of a picture. */
  readonly preprocessing: PreprocessSpec;
  /**
   * What {@link see} uses where no reducer is given: {@link defaultMethod} at its default budget, none where the model
   * cannot reduce, or `baked`, the only one of a model whose vision graph has a reduction built in.
   */
  readonly defaultReducer: Reducer;
  /** The registry's methods that this model can run: none of them where its vision graph has a reduction built in. */
  readonly methods: readonly Method[];
  /**
   * What a user should know about this model, one sentence each. Where the bundled one was loaded because none was named
   * they say so: show that beside answers about any pictures but the model's own samples.
   */
  readonly notes: readonly string[];
  /** Of {@link notes}, the one that is there because no model was named. */
  readonly unnamedNote: string | undefined;
  /** What the model knows, to be read after "it knows", where its folder says that this is little. */
  readonly world: string | undefined;
  /** How keys and values are held. */
  readonly cacheForm: CacheForm;
  /** Of the weights that prompts are multiplied by, where these are others than those of tokens. */
  readonly prefillDtype: Engine["prefillDtype"];
  /** How its language model is run where that is not the usual, as records say it. */
  readonly otherForms: OtherForms;
  readonly #engine: Engine;
  readonly #context: AnswerContext;
  readonly #read: SourceReader<Source>;
  #addsSpecialTokens: boolean | undefined;
  #disposed: Promise<void> | undefined;

  /** Made by {@link loadModel}. */
  constructor(description: FolderDescription, context: AnswerContext, read: SourceReader<Source>) {
    const { engine } = context;
    this.folder = description.folder;
    this.spec = description.spec;
    this.preprocessing = description.preprocessing;
    [this.#context, this.#engine, this.#read] = [context, engine, read];
    this.cacheForm = engine.cacheForm ?? defaultCacheForm;
    this.prefillDtype = engine.prefillDtype;
    this.otherForms = description.forms ?? {};
    this.defaultReducer = usualReducer(engine.vision, this.spec);
    this.methods = methods.filter((method) => runsMethod(method, visionKind(engine.vision, this.spec)));
    this.world = description.world;
    this.unnamedNote = description.unnamed && this.world !== undefined ? unnamedNote(this.world) : undefined;
    this.notes = [
      ...notesOn(engine, description.folder),
      ...description.notes,
      ...(this.unnamedNote === undefined ? [] : [this.unnamedNote]),
    ];
  }

  /** How this model runs each method of the registry by its name, and `baked` where its vision graph has one built in. */
  get methodSupport(): Readonly<Record<string, MethodSupport>> {
    return supportOfMethods(this.#engine.vision, this.spec);
  }

  /**
   * Decodes a picture and brings it to the vision tower's size, which {@link see} does by itself: for pictures that are
   * seen more than once, or that are made ready while another answer is under way.
   *
   * @throws PrumergeError INVALID_IMAGE, NOT_FOUND or LIMIT_EXCEEDED for what is no picture that is read; ABORTED
   */
  async prepare(
    image: Source | Video,
    options: PictureWay & Pick<SeeOptions, "signal" | "sampling"> = {},
  ): Promise<PixelValues> {
    return (await lookAt(image, this, this.#read, options)).pixels;
  }

  /**
   * How pictures become squares that are shown in some way, where it is not {@link preprocessing}'s own: what {@link see} and
   * {@link prepare} go by, for programs that keep what they make of a picture.
   *
   * @throws PrumergeError INVALID_OPTION for a way that there is not
   */
  imageAspectFor(way: PictureWay): Aspect | undefined {
    const aspect = chooseAspect(runFamily(this.spec), way);
    checkShown(this.preprocessing, { ...areaOf(way), ...(aspect !== undefined && { aspect }) });
    return aspect;
  }

  /**
   * Encodes a picture or a video and reduces its visual tokens; several one after another, in their order, in the way that the
   * model is shown several of one prompt.
   *
   * @param reducer default: {@link defaultReducer}
   * @throws PrumergeError INVALID_IMAGE, NOT_FOUND or LIMIT_EXCEEDED for what is no picture that is read; INVALID_OPTION
   * for a reducer that this model cannot run, or a video where it is shown none; INVALID_VIDEO; ABORTED
   */
  see(image: Source | Video, reducer?: Reducer, options?: SeeOptions): Promise<VisualTokens>;
  see(images: readonly (Source | Video)[], reducer?: Reducer, options?: SeeOptions): Promise<VisualTokens[]>;
  async see(
    images: Source | Video | readonly (Source | Video)[],
    reducer: Reducer = this.defaultReducer,
    options: SeeOptions = {},
  ): Promise<VisualTokens | VisualTokens[]> {
    if (!Array.isArray(images)) return this.#seeOne(images as Source | Video, reducer, options);
    const all = images as readonly (Source | Video)[];
    const each = { pictures: all.length, ...options };
    const seen: VisualTokens[] = [];
    for (const [at, image] of all.entries()) seen.push(await this.#seeOne(image, reducer, each, at + 1));
    return seen;
  }

  /**
   * Answers a question about pictures that were seen, or, with `null`, about none. Work starts at once; iterate over the
   * text, or await `result`.
   *
   * @param seen as many as the prompt has places for; a question given as a string takes any number
   * @throws PrumergeError RUNTIME where the model has been disposed of. Whatever else fails, iteration and `result` reject
   * with a PrumergeError; CONTEXT_EXCEEDED and INVALID_OPTION before any work is done
   */
  answer(
    seen: VisualTokens | readonly VisualTokens[] | null,
    question: Question,
    options: AnswerOptions = {},
  ): Answer {
    this.#refuseDisposed();
    return startAnswer(this.#context, seen === null ? [] : [seen].flat(), question, options);
  }

  /**
   * Whether the tokenizer's special tokens go before a conversation, because the chat template does not begin with the
   * BOS token. {@link answer} sees to it; other engines that are given the same conversation have to be told.
   */
  get addsSpecialTokens(): boolean {
    if (this.#addsSpecialTokens === undefined) {
      const { template, prompts } = this.#context;
      const text = template.render([{ role: "user", content: [{ type: "text", text: "?" }] }]);
      this.#addsSpecialTokens = !beginsWith(text, prompts.bosToken);
    }
    return this.#addsSpecialTokens;
  }

  /** Which frames of a video the model is shown where nothing else is asked for; undefined where it is shown none. */
  get videoSampling(): FrameSampling | undefined {
    const usual = runFamily(this.spec).video?.(this.spec)?.sampling;
    return usual && ownSampling(usual, this.preprocessing);
  }

  /** What stands for a picture in prompts written out, such as `<image>`. */
  get imageToken(): string {
    return this.#context.prompts.imageToken;
  }

  /**
   * A conversation about pictures.
   *
   * @param options for every answer; `system` is the system message
   */
  chat(
    seen: VisualTokens | readonly VisualTokens[] | null = null,
    options: AnswerOptions & { readonly system?: string } = {},
  ): Chat {
    return new Chat(this.answer.bind(this), seen === null ? [] : [seen].flat(), options);
  }

  /** Earlier prompts whose keys and values are kept, those in use included, and the bytes of what they hold so far. */
  get prefixMemory(): { readonly prompts: number; readonly bytes: number } {
    return this.#context.prefixes.memory;
  }

  /**
   * Whether {@link see} can be asked for these positions: for programs that see no picture yet.
   *
   * @throws PrumergeError INVALID_OPTION where it cannot
   */
  async checkPositions(positions: Positions): Promise<void> {
    await checkPositions(positions, this.#engine, this.folder);
    await checkAxes(positions, this.spec, this.#engine, this.folder);
  }

  /**
   * What {@link see} can be asked for beside a reducer, for programs that offer the choice: positions, and whether a reducer's
   * `rowBias` is taken.
   */
  async rowChoices(): Promise<RowChoices> {
    const positions = await takenPositions((kind) => this.checkPositions(kind));
    return { positions, bias: (await this.#engine.takes()).bias };
  }

  /** Where rows stand in prompts where {@link see} is not told: `original` where positions have three coordinates. */
  get defaultPositions(): Positions {
    return usualPositions(this.spec);
  }

  /** Gives back the keys and values of prompts about a picture, once nobody uses them. */
  forget(seen: VisualTokens): Promise<void> {
    return this.#context.prefixes.forget(runsOf(seen));
  }

  /** Closes the sessions; answers under way fail. */
  dispose(): Promise<void> {
    this.#disposed ??= this.#engine.dispose();
    return this.#disposed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #seeOne(image: Source | Video, asked: Reducer, options: SeeOptions, number?: number) {
    this.#refuseDisposed();
    checkReducer(asked);
    const { vision } = this.#engine;
    const other = asked !== this.defaultReducer;
    if (vision.kind === "baked" && other) refuseOtherReduction(asked, vision.tokens, this.folder);
    const { positions = this.defaultPositions, bias = true, signals = false } = options;
    const { question, sight, signal } = options;
    await this.checkPositions(positions);
    const reducer = bias ? await biasable(asked, this.#engine, this.folder) : asked;
    const giveUp = (error: unknown) => {
      refuseAborted(signal, encoding);
      throw error;
    };
    const { prompts } = this.#context;
    const read = readsQuestion(reducer) || (signals && question !== undefined);
    const words = read
      ? await embedQuestion(this.#engine, prompts, question, reducer.method, signal).catch(giveUp)
      : undefined;
    const { pixels, watched } = await lookAt(image, this, this.#read, options, number);
    refuseAborted(signal, encoding);
    const own = takenBackBy(this.#engine, signal);
    const by = sight?.over(own) ?? own;
    const rows = { positions, bias };
    const seen = await seePixels(by, this.spec, pixels, reducer, signals, rows, words).catch(giveUp);
    refuseAborted(signal, encoding); // a run that has begun is finished, but nobody wants its result
    return watched ? { ...seen, video: watched } : seen;
  }

  #refuseDisposed(): void {
    if (this.#disposed !== undefined) throw new PrumergeError("RUNTIME", "the model has been disposed of");
  }
}
