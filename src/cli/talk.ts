import { createInterface } from "node:readline";
import { PrumergeError } from "../errors.js";
import type { VisualTokens } from "../see/visual-tokens.js";
import { chatReducer } from "./chat-reducer.js";
import type { ChatSession } from "./chat-session.js";
import { refuseStandardInput } from "./pictures.js";
import { describeError } from "./report-error.js";
import { readShown, type VideoFlags } from "./shown.js";
import { styled, write } from "./terminal.js";

const help = `/picture FILE           show another picture or video with the next question
/method NAME [TOKENS]   reduce otherwise and start over: /method prumerge, /method prumerge+ adaptive:64,
                        /method random 64, /method none
/clear                  start over with the same pictures
/quit                   leave (or Ctrl-D)
`;

interface TalkOptions {
  readonly quiet: boolean;
  readonly signal: AbortSignal;
  /** Paths of the pictures that the session shows already. */
  readonly pictures: readonly string[];
  /** Called before every answer with the paths of all pictures shown. */
  readonly note: (pictures: readonly string[]) => Promise<void>;
  readonly video: VideoFlags;
}

/** Reads questions and commands line by line until the input ends or /quit; every answer goes to standard output. */
export async function talk(session: ChatSession, options: TalkOptions): Promise<void> {
  const { quiet, signal, note, video } = options;
  const pictures = [...options.pictures];
  const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: interactive,
    prompt: "> ",
  });
  const say = (text: string) => {
    if (!quiet) process.stderr.write(`${styled(text, "dim", process.stderr)}\n`);
  };
  let failure: unknown;
  const stop = () => lines.close();
  signal.addEventListener("abort", stop, { once: true });
  // In a terminal the reader of lines gets Ctrl-C: it stops an answer, and without one the program.
  const running: Running = { stop: undefined };
  lines.on("SIGINT", () => {
    if (running.stop !== undefined) return running.stop();
    process.stderr.write("\n");
    process.kill(process.pid, "SIGINT");
  });
  try {
    if (interactive) say("Ask about the picture; /help shows what else there is.");
    if (interactive) lines.prompt();
    for await (const line of lines) {
      try {
        if (await respond(line.trim(), session, { running, say, signal, pictures, note, video })) break;
      } catch (error) {
        if (!interactive || signal.aborted) throw error; // a script must notice
        process.stderr.write(describeError(error).text);
      }
      if (interactive) lines.prompt();
    }
  } catch (error) {
    failure = error;
  } finally {
    signal.removeEventListener("abort", stop);
    lines.close();
  }
  if (signal.aborted) throw signal.reason;
  if (failure !== undefined) throw failure;
}

interface Running {
  stop: (() => void) | undefined;
}

interface Talk {
  readonly running: Running;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
  readonly pictures: string[];
  readonly note: TalkOptions["note"];
  readonly video: VideoFlags;
}

/** True ends the conversation. */
async function respond(line: string, session: ChatSession, talk: Talk): Promise<boolean> {
  if (line === "") return false;
  if (!line.startsWith("/")) {
    await talk.note(talk.pictures);
    await answer(line, session, talk);
    return false;
  }
  const [command, ...words] = line.split(/\s+/);
  const rest = line.slice(command!.length).trim();
  switch (command) {
    case "/quit":
    case "/exit":
      return true;
    case "/help":
      await write(process.stdout, help);
      return false;
    case "/picture":
      await refuseStandardInput(pathOf(rest));
      talk.say(shown(await session.show(await readShown([rest], talk.video, talk.signal))));
      talk.pictures.push(rest);
      return false;
    case "/method":
      await changeMethod(words, session, talk);
      return false;
    case "/clear":
      await session.clear();
      talk.say("Started over.");
      return false;
    default:
      throw new PrumergeError("INVALID_OPTION", "there is no such command", {
        found: command!,
        help: "Try /help",
      });
  }
}

async function answer(question: string, session: ChatSession, { running, signal }: Talk): Promise<void> {
  const stopped = new AbortController();
  running.stop = () => stopped.abort();
  try {
    for await (const text of await session.ask(question, AbortSignal.any([signal, stopped.signal]))) {
      await write(process.stdout, text);
    }
    await write(process.stdout, "\n");
  } catch (error) {
    if (signal.aborted || !stopped.signal.aborted) throw error; // stopped while it looked at the pictures
  } finally {
    running.stop = undefined;
  }
}

async function changeMethod(words: readonly string[], session: ChatSession, { say }: Talk): Promise<void> {
  const seen = await session.useMethod(chatReducer(words, session.seed));
  say(["Started over.", ...seen.map(counts)].join(" "));
}

function pathOf(words: string): string {
  if (words !== "") return words;
  throw new PrumergeError("INVALID_OPTION", "something is missing or wrong", { expected: "/picture FILE" });
}

function shown(seen: readonly VisualTokens[] | undefined): string {
  return seen?.map(counts).join(" ") ?? "It will be seen for the next question.";
}

function counts({ statistics: { method, visualTokens, unreducedTokens }, video }: VisualTokens): string {
  const frames = video === undefined ? "" : ` of ${video.indices.length} frames`;
  const notes = video?.notes.map((note) => ` ${note}`) ?? [];
  return `${method}: ${visualTokens} of ${unreducedTokens} visual tokens${frames}.${notes.join("")}`;
}
