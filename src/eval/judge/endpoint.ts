import { PrumergeError } from "../../errors.js";

/** Where a judge is asked: a server that speaks OpenAI's chat completions. */
export interface JudgeEndpoint {
  /** Full address of its chat completions. */
  readonly url: string;
  readonly model: string;
  readonly protocol: JudgeProtocol;
  /** Sent as a bearer token. */
  readonly key?: string | undefined;
}

/**
 * What is sent beside the messages. `video_llava`: nothing, as Video-ChatGPT's and Video-LLaVA's programs do, so that the server's
 * own temperature holds; `lmms_eval`: temperature 0 and at most 64 tokens.
 */
export const judgeProtocols = {
  video_llava: {},
  lmms_eval: { temperature: 0, max_tokens: 64 },
} as const;
export type JudgeProtocol = keyof typeof judgeProtocols;

/** Under which a judge's key is looked for: never another program's, which would go to whatever address is given. */
export const judgeKeyVariable = "PRUMERGE_JUDGE_KEY";

const completions = "/chat/completions";

/**
 * The address of a server's chat completions, of its base (`http://127.0.0.1:8000/v1`) or of the completions themselves.
 *
 * @param key refused over plain http to another machine
 * @throws PrumergeError INVALID_OPTION
 */
export function completionsUrl(text: string, key?: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isKnown = url?.protocol === "http:" || url?.protocol === "https:";
  if (url === undefined || !isKnown || url.username !== "" || url.search !== "" || url.hash !== "") {
    throw new PrumergeError("INVALID_OPTION", "not the address of a judge", {
      where: "--judge",
      expected: "an address such as http://127.0.0.1:8000/v1, without a key, query or fragment",
      found: url?.username ? "an address with a name or password" : text,
    });
  }
  const isHere = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (key !== undefined && url.protocol === "http:" && !isHere) {
    throw new PrumergeError("INVALID_OPTION", "a key is not sent over plain http to another machine", {
      where: "--judge",
      expected: "https",
      found: text,
      help: `Without a key, unset ${judgeKeyVariable}`,
    });
  }
  const path = url.pathname.replace(/\/+$/, "");
  url.pathname = path.endsWith(completions) ? path : path + completions;
  return url.href;
}
