import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
};

export interface StaticServer {
  readonly url: string;
  /** `METHOD /path` of every request so far. */
  readonly requests: string[];
  close(): Promise<void>;
}

/**
 * Serves a folder as any web space does.
 *
 * @param isolated send the headers that let a page use threads
 * @param parts give out parts of files
 */
export async function serveFolder(
  folder: string,
  { isolated, parts = false }: { isolated: boolean; parts?: boolean },
): Promise<StaticServer> {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    requests.push(`${request.method} ${pathname}`);
    const path = join(folder, normalize(pathname.endsWith("/") ? `${pathname}index.html` : pathname));
    try {
      const [{ mtime }, whole] = await Promise.all([stat(path), readFile(path)]);
      const part = parts ? /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") : null;
      const from = Number(part?.[1] ?? 0);
      const body =
        part === null ? whole : whole.subarray(from, part[2] === "" ? undefined : Number(part[2]) + 1);
      response.writeHead(part === null ? 200 : 206, {
        ...(part !== null && {
          "content-range": `bytes ${from}-${from + body.length - 1}/${whole.length}`,
        }),
        "content-type": types[extname(path)] ?? "application/octet-stream",
        "content-length": body.length,
        "last-modified": mtime.toUTCString(),
        ...(isolated && {
          "cross-origin-opener-policy": "same-origin",
          "cross-origin-embedder-policy": "require-corp",
        }),
      });
      response.end(request.method === "HEAD" ? undefined : body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
