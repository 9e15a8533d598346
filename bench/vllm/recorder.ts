import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** One request and its answer, as they went over the wire; of pictures' rows what they are: {@link describeRows}. */
export interface Exchange {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly contentType: string;
    readonly body: unknown;
  };
  readonly response: {
    readonly status: number;
    readonly contentType: string;
    readonly body: string;
  };
}

/** A server between a client and vLLM that passes everything on and keeps it. */
export interface Recorder {
  readonly url: string;
  /** The POSTs that passed since the last call. */
  take(): Exchange[];
  close(): Promise<void>;
}

export async function startRecorder(target: string): Promise<Recorder> {
  let exchanges: Exchange[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    const method = request.method!;
    const left = new AbortController();
    response.on("close", () => left.abort());
    try {
      const answer = await fetch(`${target}${request.url}`, {
        method,
        headers: passedOn(request.headers),
        signal: left.signal,
        ...(body.length > 0 && { body }),
      });
      const headers = Object.fromEntries(answer.headers);
      response.writeHead(answer.status, passedOn(headers));
      const answered: Buffer[] = [];
      for await (const piece of answer.body ?? []) {
        answered.push(Buffer.from(piece));
        response.write(piece);
      }
      response.end();
      if (method !== "POST") return;
      exchanges.push({
        request: {
          method,
          path: request.url!,
          contentType: String(request.headers["content-type"]),
          body: describeRows(JSON.parse(body.toString())),
        },
        response: {
          status: answer.status,
          contentType: String(headers["content-type"]),
          body: Buffer.concat(answered).toString(),
        },
      });
    } catch {
      response.destroy(); // as the other side did
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = exchanges;
      exchanges = [];
      return taken;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Every header but those of one connection. */
function passedOn(headers: IncomingHttpHeaders): Record<string, string> {
  const own = ["connection", "keep-alive", "transfer-encoding", "content-length", "host", "content-encoding"];
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (own.includes(name) ? [] : [[name, String(value)]])),
  );
}

const magic = Buffer.from("\x93NUMPY", "latin1");

/** A request's body with the rows of every picture replaced by what they are: type, shape, length of the file, hash. */
export function describeRows(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(describeRows);
  if (typeof body !== "object" || body === null) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) =>
      name === "image_embeds" && typeof value === "string"
        ? [name, describeNpy(Buffer.from(value, "base64"))]
        : [name, describeRows(value)],
    ),
  );
}

function describeNpy(bytes: Buffer): unknown {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const head = bytes.subarray(10, 128).toString("latin1");
  const found = /^\{'descr': '(.*?)', 'fortran_order': False, 'shape': \(([\d, ]*)\)/.exec(head);
  if (!bytes.subarray(0, 6).equals(magic) || found === null) return { bytes: bytes.length, sha256 };
  const shape = found[2]!.split(",").flatMap((size) => (size.trim() === "" ? [] : [Number(size)]));
  return { dtype: found[1], shape, bytes: bytes.length, sha256 };
}
