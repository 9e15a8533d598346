import { setTimeout as sleep } from "node:timers/promises";
import { encodeNpy } from "prumerge";
import { isHealthy } from "./engine.js";
import { base64, matrix } from "./refusals.js";

/** What happened to a vLLM that was sent something dangerous. */
export interface Danger {
  readonly name: string;
  readonly requests: number;
  /** Statuses of the answers in the order of the requests; 0: the connection broke. */
  readonly statuses: readonly number[];
  /** Whether its engine was dead afterwards. */
  readonly ended: boolean;
  /** What was seen besides. */
  readonly notes: string;
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

/** Each danger by itself; the last ones may end the engine, so each needs a server that is well. */
export const dangers: Readonly<
  Record<string, (url: string, name: string, width: number) => Promise<Omit<Danger, "name">>>
> = {
  "one uuid for two pictures": async (url, name, width) => {
    const [first, second] = [rows(16, width), rows(16, width, 3)];
    const alone = [await ask(url, name, [first]), await ask(url, name, [second])];
    const named = [
      await ask(url, name, [{ ...first, uuid: "same" }]),
      await ask(url, name, [{ ...second, uuid: "same" }]),
    ];
    const taken = named[1]!.status === 200 && named[1]!.text === alone[0]!.text;
    const differ = alone[0]!.text !== alone[1]!.text;
    return outcome(
      url,
      [...alone, ...named],
      `${differ ? "" : "pictures answer alike; "}${
        taken
          ? "the second picture got the first one's answer"
          : "the second picture was not taken for the first"
      }`,
    );
  },
  "a row that is not a number": async (url, name, width) => {
    const good = rows(16, width);
    const before = await ask(url, name, [good]);
    const bad = await ask(url, name, [rows(16, width, Number.NaN)]);
    const after = await ask(url, name, [rows(16, width)]);
    const spoiled = after.text === before.text ? "was as before" : "was another than before";
    return outcome(
      url,
      [before, bad, after],
      `answer to the bad one: ${JSON.stringify(bad.text)}; the next valid answer ${spoiled}`,
    );
  },
  "side by side, one row count": async (url, name, width) => {
    const replies = await Promise.all(
      Array.from({ length: 24 }, (_, at) => ask(url, name, [rows(33, width, 1 + at / 7)])),
    );
    return outcome(url, replies, "");
  },
  "one after another, different row counts": async (url, name, width) => {
    const replies: Reply[] = [];
    for (let at = 0; at < 24; at++) replies.push(await ask(url, name, [rows(16 + at, width, 1 + at / 5)]));
    return outcome(url, replies, "");
  },
  "one request, pictures of different row counts": async (url, name, width) =>
    outcome(url, [await ask(url, name, [rows(17, width, 1.1), rows(33, width, 1.2)])], ""),
  "side by side, different row counts": async (url, name, width) => {
    const replies: Reply[] = [];
    for (let round = 0; round < 5 && (await isHealthy(url)); round++) {
      const counts = [17, 33, 64, 144, 17, 33, 64, 144];
      const asked = counts.map((count, at) => ask(url, name, [rows(count, width, 2 + round + at / 9)]));
      replies.push(...(await Promise.all(asked)));
    }
    return outcome(url, replies, "");
  },
};

async function outcome(url: string, replies: readonly Reply[], notes: string): Promise<Omit<Danger, "name">> {
  await sleep(3000); // an engine that dies takes a moment
  const refused = replies.find(({ status }) => status !== 200);
  const said = refused === undefined ? notes : [notes, firstLine(refused.text)].filter(Boolean).join("; ");
  return {
    requests: replies.length,
    statuses: replies.map(({ status }) => status),
    ended: !(await isHealthy(url)),
    notes: said,
  };
}

/** A part of rows; the factor makes other numbers, so that nothing is taken from vLLM's memory of pictures. */
function rows(count: number, width: number, factor = 1) {
  const { data, ...shape } = matrix(count, width);
  return {
    type: "image_embeds",
    image_embeds: base64(encodeNpy({ ...shape, data: data.map((value) => value * factor) })),
  };
}

async function ask(url: string, model: string, parts: readonly unknown[]): Promise<Reply> {
  const messages = [{ role: "user", content: [...parts, { type: "text", text: "Describe the image." }] }];
  try {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model, messages, max_tokens: 16, temperature: 0 }),
      signal: AbortSignal.timeout(120_000),
    });
    const body = (await response.json()) as {
      readonly choices?: readonly { readonly message: { readonly content: string } }[];
      readonly error?: { readonly message: string };
    };
    return { status: response.status, text: body.choices?.[0]?.message.content ?? body.error?.message ?? "" };
  } catch (error) {
    return { status: 0, text: String(error) };
  }
}

function firstLine(text: string): string {
  return text.split("\n")[0]!.slice(0, 200);
}
