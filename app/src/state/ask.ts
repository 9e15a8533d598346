import { KeyNeeded } from "../backend/key-needed.js";
import {
  type ChatTurn,
  type ModelBackend,
  type Reduction,
  reduces,
  type ShownWay,
} from "../backend/model-backend.js";
import { errorText } from "./error-text.js";
import type { AnswerState, PictureEntry, Turn } from "./session-state.js";

interface Asked {
  readonly entry: PictureEntry;
  readonly question: string;
  readonly reduction: Reduction;
  readonly way: ShownWay;
  readonly compare: boolean;
  /** Turns that are sent along. */
  readonly earlier: readonly Turn[];
}

/** Asks the reduced model, then the unreduced one: at the same time each would slow the other down. */
export async function askTwice(
  backend: ModelBackend,
  { entry, question, reduction, way, compare, earlier }: Asked,
  signal: AbortSignal,
  onTurn: (turn: Turn) => void,
): Promise<void> {
  const reductions = compare && reduces(reduction) ? [reduction, undefined] : [reduction];
  const answers: AnswerState[] = reductions.map((each) => ({ reduction: each, status: "waiting", text: "" }));
  const id = crypto.randomUUID();
  const show = () => onTurn({ id, question, answers: [...answers] });
  show();
  for (const [at, each] of reductions.entries()) {
    const change = (part: Partial<AnswerState>) => {
      answers[at] = { ...answers[at]!, ...part };
      show();
    };
    if (signal.aborted) {
      change({ status: "stopped" });
      continue;
    }
    const messages = [...conversation(earlier, at), { role: "user" as const, content: question }];
    try {
      const answer = backend.ask({
        picture: entry.blob,
        clip: entry.clip,
        way,
        reduction: each,
        messages,
        signal,
      });
      let step = await answer.next();
      for (; !step.done; step = await answer.next()) {
        change({ status: "streaming", text: answers[at]!.text + step.value });
      }
      change({ status: signal.aborted ? "stopped" : "done", numbers: step.value });
    } catch (error) {
      const keyNeeded = error instanceof KeyNeeded;
      change(
        signal.aborted ? { status: "stopped" } : { status: "failed", failure: errorText(error), keyNeeded },
      );
    }
  }
}

/** What was said before, with the answers of the side that is asked. */
function conversation(turns: readonly Turn[], side: number): ChatTurn[] {
  return turns.flatMap(({ question, answers }) => {
    const { text } = answers[side] ?? answers[0]!;
    if (text === "") return [];
    return [
      { role: "user" as const, content: question },
      { role: "assistant" as const, content: text },
    ];
  });
}
