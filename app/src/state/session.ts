import { defaultMethod, readsQuestion } from "prumerge/reduce";
import { isClip } from "../backend/clip-file.js";
import { KeyNeeded } from "../backend/key-needed.js";
import type { ModelBackend, OpenBackend, Reduction, Showing, ShownWay } from "../backend/model-backend.js";
import { reducerOf } from "../backend/reducer-of.js";
import { readablePicture } from "../picture/readable-picture.js";
import { askTwice } from "./ask.js";
import { errorText } from "./error-text.js";
import { withFirst } from "./first-figures.js";
import type { PictureEntry, SessionState, Turn } from "./session-state.js";

/** Until the model is open and says its own. */
const firstReduction: Reduction = {
  method: defaultMethod.name,
  budget: defaultMethod.defaultBudget,
  options: {},
  positions: "contiguous",
};

/** All that the page knows, and everything that can be done with it; listeners hear of every change. */
export class Session {
  state: SessionState = {
    pictures: [],
    reduction: firstReduction,
    way: {},
    compare: true,
    followUp: true,
    busy: false,
  };
  readonly #listeners = new Set<() => void>();
  #backend: ModelBackend | undefined;
  #asking: AbortController | undefined;

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get current(): PictureEntry | undefined {
    return this.state.pictures.find(({ id }) => id === this.state.currentId);
  }

  async open(openBackend: OpenBackend): Promise<void> {
    this.#set({ failure: undefined });
    try {
      this.#backend = await openBackend((progress) => this.#set({ progress }));
    } catch (error) {
      const keyNeeded = error instanceof KeyNeeded;
      this.#set({ failure: errorText(error), keyNeeded, progress: undefined });
      return;
    }
    const model = this.#backend.info;
    this.#set({ model, reduction: model.defaultReduction, progress: undefined, keyNeeded: false });
    // One that was chosen while the model was on its way.
    if (this.state.currentId !== undefined) void this.#see(this.state.currentId);
    await this.addSamples(model.samples);
  }

  /** After what went wrong: opens the model, or, where it is open, reads the picture that could not be read. */
  async retry(openBackend: OpenBackend): Promise<void> {
    if (this.#backend === undefined) return this.open(openBackend);
    this.#set({ keyNeeded: false, failure: undefined });
    if (this.state.currentId !== undefined) await this.#see(this.state.currentId);
    if (this.current?.turns.at(-1)?.answers.some(({ keyNeeded }) => keyNeeded)) await this.askAgain();
  }

  async addSamples(samples: ModelBackend["info"]["samples"]): Promise<void> {
    const added = await Promise.all(
      samples.map(async ({ name, url, questions }) => {
        const blob = await (await fetch(url)).blob();
        return newEntry(blob, name, questions);
      }),
    );
    this.#set({ pictures: [...added, ...this.state.pictures] });
    const richest = added[Math.min(2, added.length - 1)];
    if (this.state.currentId === undefined && richest !== undefined) this.select(richest.id);
  }

  /** Shows a picture of the reader's own. */
  add(file: Blob, name: string): void {
    const entry = newEntry(file, name, []);
    this.#set({ pictures: [...this.state.pictures, entry] });
    this.select(entry.id);
  }

  /** Takes a picture out of the page, with what was asked about it; the one beside it is shown then. */
  remove(id: string): void {
    const { pictures, currentId } = this.state;
    const at = pictures.findIndex((picture) => picture.id === id);
    const gone = pictures[at];
    if (gone === undefined) return;
    if (id === currentId) this.stop();
    const left = pictures.filter((picture) => picture !== gone);
    this.#set({ pictures: left });
    URL.revokeObjectURL(gone.url);
    if (id !== currentId) return;
    const beside = left[Math.min(at, left.length - 1)];
    if (beside === undefined) this.#set({ currentId: undefined });
    else this.select(beside.id);
  }

  select(id: string): void {
    this.#set({ currentId: id });
    void this.#see(id);
  }

  reduce(reduction: Reduction): void {
    this.#set({ reduction });
  }

  /** Shows every picture in another way: each is seen anew. */
  show(way: ShownWay): void {
    const pictures = this.state.pictures.map((entry) => ({
      ...entry,
      seen: undefined,
      failure: undefined,
      firsts: {}, // what its first question took then
    }));
    this.#set({ way, pictures });
    if (this.state.currentId !== undefined) void this.#see(this.state.currentId);
  }

  choose(change: Partial<Pick<SessionState, "compare" | "followUp">>): void {
    this.#set(change);
  }

  stop(): void {
    this.#asking?.abort();
  }

  clearChat(): void {
    const { current } = this;
    if (current !== undefined) this.#update(current.id, { turns: [] });
  }

  /** Asks the latest question once more, in place of what came of it. */
  async askAgain(): Promise<void> {
    const { current } = this;
    const latest = current?.turns.at(-1);
    if (current === undefined || latest === undefined || this.state.busy) return;
    this.#update(current.id, { turns: current.turns.slice(0, -1) });
    await this.ask(latest.question);
  }

  /** Asks about the current picture, reduced and, where wanted, unreduced. */
  async ask(question: string): Promise<void> {
    const backend = this.#backend;
    if (this.current === undefined || backend === undefined || this.state.busy) return;
    const { reduction, way, compare, followUp } = this.state;
    this.#asking = new AbortController();
    this.#set({ busy: true });
    const current = await this.#readable(this.current);
    if (current === undefined) return this.#set({ busy: false });
    const earlier = current.turns;
    await askTwice(
      backend,
      { entry: current, question, reduction, way, compare, earlier: followUp ? earlier : [] },
      this.#asking.signal,
      (turn: Turn) => this.#showTurn(current.id, earlier, turn),
    );
    if (readsQuestion(reducerOf(reduction))) await this.#seeFor(current, question);
    this.#set({ busy: false });
  }

  #showTurn(id: string, earlier: readonly Turn[], turn: Turn): void {
    const { firsts = {} } = this.state.pictures.find((picture) => picture.id === id) ?? {};
    this.#update(id, { turns: [...earlier, turn], firsts: withFirst(firsts, turn.answers) });
    const refused = turn.answers.find(({ keyNeeded }) => keyNeeded);
    if (refused !== undefined) this.#set({ keyNeeded: true, failure: refused.failure });
  }

  /** What is drawn then is what the question wanted. */
  async #seeFor(entry: PictureEntry, question: string): Promise<void> {
    const { signal } = this.#asking!;
    await this.#show(entry, { signal, question });
  }

  async #see(id: string): Promise<void> {
    const entry = this.state.pictures.find((picture) => picture.id === id);
    if (entry === undefined || entry.seen !== undefined || this.#backend === undefined) return;
    this.#update(id, { failure: undefined });
    await this.#show(entry, { signal: new AbortController().signal });
  }

  /** The picture in a form that the model reads; undefined where there is none, which is said then. */
  async #readable(entry: PictureEntry): Promise<PictureEntry | undefined> {
    const { id, blob, clip } = entry;
    if (clip) return entry;
    try {
      const readable = await readablePicture(blob);
      if (readable === blob) return entry;
      this.#update(id, { blob: readable });
      return { ...entry, blob: readable };
    } catch (error) {
      this.#update(id, { failure: errorText(error) });
      return undefined;
    }
  }

  async #show(shown: PictureEntry, rest: Pick<Showing, "question" | "signal">): Promise<void> {
    const { way } = this.state;
    // What was shown in another way meanwhile is another picture.
    const isNow = () => !rest.signal.aborted && this.state.way === way;
    const entry = await this.#readable(shown);
    if (entry === undefined || !isNow()) return;
    const { id, blob, clip, name } = entry;
    try {
      const seen = await this.#backend!.see({ picture: blob, clip, name, way, ...rest });
      if (isNow()) this.#update(id, { seen });
    } catch (error) {
      if (!isNow()) return;
      if (error instanceof KeyNeeded) this.#set({ keyNeeded: true, failure: errorText(error) });
      this.#update(id, { failure: errorText(error) });
    }
  }

  #update(id: string, change: Partial<PictureEntry>): void {
    this.#set({
      pictures: this.state.pictures.map((entry) => (entry.id === id ? { ...entry, ...change } : entry)),
    });
  }

  #set(change: Partial<SessionState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function newEntry(blob: Blob, name: string, questions: readonly string[]): PictureEntry {
  return {
    id: crypto.randomUUID(),
    name,
    blob,
    clip: isClip(blob, name),
    url: URL.createObjectURL(blob),
    questions,
    turns: [],
    firsts: {},
  };
}
