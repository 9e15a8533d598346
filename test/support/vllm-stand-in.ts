import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isDeepStrictEqual } from "node:util";

/** One request and its answer, as they went over the wire; of pictures' rows the type and the shape. */
export interface Exchange {
  readonly name: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly contentType: string;
    readonly body: { readonly messages: readonly { role: string; content: unknown }[] } & Record<
      string,
      unknown
    >;
  };
  readonly response: { readonly status: number; readonly contentType: string; readonly body: string };
}

const recorded = (file: string): readonly Exchange[] =>
  JSON.parse(readFileSync(new URL(`../fixtures/vllm/${file}.json`, import.meta.url), "utf8")).exchanges;

export const exchanges: readonly Exchange[] = withoutHashes(recorded("answers"));

/** What vLLM refused. */
export const refusals: readonly Exchange[] = recorded("refusals");

export interface StandIn {
  readonly url: string;
  /** What was asked that no recorded request equals in every field, or that would have ended vLLM's engine. */
  readonly faults: readonly string[];
  /** Connections that were cut before their answer's end. */
  readonly cut: number;
  /** Requests whose first token has not been sent. */
  readonly prefilling: number;
  close(): Promise<void>;
}

/**
 * Answers as a recorded vLLM did, to requests that equal a recorded one in every field. Like vLLM 0.32 it ends for good
 * where pictures of different row counts are in its prefill at once.
 *
 * @param key that requests must have
 * @param refuse is what every request is answered like
 * @param hang pictures of so many rows get no first token, until their connection is cut
 * @param prefill milliseconds before the first token, `perChunk` before every further chunk
 */
export async function vllmStandIn(
  options: {
    readonly key?: string;
    readonly hang?: number;
    readonly prefill?: number;
    readonly perChunk?: number;
    readonly refuse?: Exchange;
  } = {},
): Promise<StandIn> {
  const faults: string[] = [];
  const state = { dead: false, cut: 0 };
  const inside: number[] = [];
  const server: Server = createServer(async (request, response) => {
    if (request.url === "/v1/models") {
      return void send(response, 200, "application/json", '{"object":"list","data":[]}');
    }
    if (options.key !== undefined && request.headers.authorization !== `Bearer ${options.key}`) {
      return void send(response, 401, "application/json", '{"error":{"message":"Unauthorized"}}');
    }
    if (options.refuse !== undefined) {
      const { status, contentType, body } = options.refuse.response;
      return void send(response, status, contentType, body);
    }
    const found = await match(request);
    if (typeof found === "string") {
      faults.push(found);
      return void send(response, 400, "application/json", JSON.stringify({ error: { message: found } }));
    }
    const rows = rowCounts(found.request.body);
    inside.push(...rows);
    if (new Set(inside).size > 1) {
      state.dead = true;
      faults.push(`data contains inconsistent shapes: ${[...new Set(inside)].join(" and ")}`);
    }
    if (options.hang !== undefined && rows.includes(options.hang)) await once(response, "close");
    await wait(options.prefill ?? 0);
    for (const count of rows) inside.splice(inside.indexOf(count), 1);
    if (state.dead) {
      return void send(
        response,
        500,
        "application/json",
        '{"error":{"message":"EngineCore encountered an issue."}}',
      );
    }
    response.on("close", () => {
      if (!response.writableFinished) state.cut++;
    });
    const { status, contentType, body } = found.response;
    response.writeHead(status, { "content-type": contentType });
    for (const event of body.split(/(?<=\n\n)/)) {
      if (response.destroyed) return;
      response.write(event);
      await wait(options.perChunk ?? 0);
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    faults,
    get cut() {
      return state.cut;
    },
    get prefilling() {
      return inside.length;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function match(request: IncomingMessage): Promise<Exchange | string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const asked = {
    method: request.method,
    path: request.url,
    contentType: request.headers["content-type"],
    body: JSON.parse(Buffer.concat(chunks).toString("utf8"), (key, value) =>
      key === "image_embeds" && typeof value === "string" ? describeRows(value) : value,
    ),
  };
  const found = exchanges.find(({ request: recorded }) => isDeepStrictEqual(recorded, asked));
  return found ?? `no recorded request equals ${JSON.stringify(asked)}`;
}

/** The rows themselves are the model's, which may be exchanged for a better one: their hashes say nothing here. */
function withoutHashes(value: readonly Exchange[]): readonly Exchange[] {
  return JSON.parse(JSON.stringify(value, (key, field) => (key === "sha256" ? undefined : field)));
}

/** Of base64 of a .npy file: its type, shape and length, after a look at all of it. */
export function describeRows(base64: string): unknown {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.toString("base64") !== base64) return "no base64";
  if (bytes.subarray(0, 8).toString("latin1") !== "\x93NUMPY\x01\x00") return "no .npy file of version 1.0";
  const end = 10 + bytes.readUInt16LE(8);
  const header = bytes.subarray(10, end).toString("latin1");
  const fields = /^\{'descr': '([^']+)', 'fortran_order': False, 'shape': \((\d+), (\d+)\), \} *\n$/.exec(
    header,
  );
  if (fields === null) return `no header: ${header}`;
  const [, dtype, rows, columns] = fields;
  const count = Number(rows) * Number(columns);
  if (dtype !== "<f4" || bytes.length !== end + 4 * count) return `${bytes.length} bytes of ${dtype}`;
  for (let at = 0; at < count; at++) {
    if (!Number.isFinite(bytes.readFloatLE(end + 4 * at))) return `not finite at ${at}`;
  }
  return { dtype, shape: [Number(rows), Number(columns)], bytes: bytes.length };
}

/** Rows of each picture of a recorded request. */
export function rowCounts({ messages }: Exchange["request"]["body"]): number[] {
  const parts = messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
  return parts.flatMap((part) =>
    part.type === "image_embeds" ? [part.image_embeds.shape[0] as number] : [],
  );
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { "content-type": contentType }).end(body);
}

function wait(milliseconds: number): Promise<void> {
  return milliseconds === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, milliseconds));
}
