import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A file that the hub serves; large ones are kept in a store on another port, as on the real hub. */
export interface ServedFile {
  readonly content: Buffer;
  /** True: listed with a sha256 and served by redirect from the store. */
  readonly large?: boolean;
}

/** What goes wrong, set and changed by a test while the server runs. */
export interface Faults {
  /** Statuses of the next requests, taken from the front; 0 stands for a good answer. */
  statuses?: number[];
  errorCode?: string;
  /** Connection cut after this many bytes of each file answer. */
  cutAfter?: number;
  /** The connection stays open and silent after this many bytes. */
  stallAfter?: number;
  /** The store ignores Range and sends the whole file. */
  ignoreRange?: boolean;
  /** Bytes put into every file answer in the place of the right ones. */
  tamper?: boolean;
  /** Size that the redirect's X-Linked-Size claims. */
  linkedSize?: number;
  /** Redirect target of large files in the place of the store. */
  redirectTo?: string;
  /** Names in the listing in the place of the real ones. */
  rename?: (path: string) => string;
  /** Size in the listing in the place of the real one. */
  listedSize?: number;
  /** Only this token is let in. */
  token?: string;
}

/** One request as the hub or its store saw it. */
export interface SeenRequest {
  readonly host: "hub" | "store";
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  readonly userAgent: string | undefined;
}

/**
 * A hub of one model on this machine: model info, file listing in pages, `resolve` with redirects to a store on
 * another port, ETag, X-Repo-Commit, X-Linked-Size and X-Linked-ETag, ranges; and failures on demand.
 */
export class HubServer {
  readonly faults: Faults = {};
  readonly seen: SeenRequest[] = [];
  /** Where the hub is; stays readable after `stop`. */
  endpoint = "";
  /** Where large files are kept. */
  store = "";
  readonly #hub: Server;
  readonly #store: Server;

  private constructor(
    readonly name: string,
    readonly commit: string,
    readonly files: ReadonlyMap<string, ServedFile>,
  ) {
    this.#hub = createServer((request, response) => this.#answerHub(request, response));
    this.#store = createServer((request, response) => this.#answerStore(request, response));
  }

  static async start(
    name: string,
    commit: string,
    files: Readonly<Record<string, ServedFile>>,
  ): Promise<HubServer> {
    const server = new HubServer(name, commit, new Map(Object.entries(files)));
    for (const one of [server.#hub, server.#store]) {
      await new Promise<void>((done) => one.listen(0, "127.0.0.1", done));
    }
    server.endpoint = origin(server.#hub);
    server.store = origin(server.#store);
    return server;
  }

  /** Requests for the content of one file at the store or, for small files, at the hub. */
  contentRequests(path: string): SeenRequest[] {
    const large = this.files.get(path)?.large === true;
    return this.seen.filter((one) => one.host === (large ? "store" : "hub") && one.path.endsWith(`/${path}`));
  }

  async stop(): Promise<void> {
    for (const one of [this.#hub, this.#store]) {
      one.closeAllConnections();
      await new Promise((done) => one.close(done));
    }
  }

  #answerHub(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", this.endpoint);
    this.#note("hub", url, request);
    response.setHeader("X-Request-Id", "test");
    const { token, errorCode, statuses } = this.faults;
    const status = statuses?.shift() ?? 0;
    if (status !== 0) {
      refuse(response, status, errorCode);
      return;
    }
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
      refuse(response, 401, "GatedRepo");
      return;
    }
    const [, rest] = url.pathname.split(`/api/models/${this.name}/`);
    const prefix = `/${this.name}/resolve/${this.commit}/`;
    if (rest?.startsWith("revision/")) this.#info(decodeURIComponent(rest.slice(9)), response);
    else if (rest?.startsWith("tree/")) this.#tree(url, response);
    else if (url.pathname.startsWith(prefix))
      this.#resolve(url.pathname.slice(prefix.length), request, response);
    else refuse(response, 404, "RepoNotFound");
  }

  #info(revision: string, response: ServerResponse): void {
    if (revision !== "main" && revision !== "v1.0" && revision !== this.commit) {
      refuse(response, 404, "RevisionNotFound");
      return;
    }
    const info = {
      _id: "1",
      id: this.name,
      sha: this.commit,
      private: false,
      downloads: 0,
      likes: 0,
      gated: false,
    };
    json(response, { ...info, lastModified: "2024-01-01T00:00:00.000Z" });
  }

  // Two entries per page, so that every model has several.
  #tree(url: URL, response: ServerResponse): void {
    const from = Number(url.searchParams.get("cursor") ?? 0);
    const folders = new Set(
      [...this.files.keys()].filter((path) => path.includes("/")).map((path) => path.split("/")[0]),
    );
    const entries = [
      ...[...folders].map((path) => ({ type: "directory", size: 0, path, oid: "0".repeat(40) })),
      ...[...this.files].map(([path, file]) => this.#entry(path, file)),
    ];
    const next = from + 2;
    if (next < entries.length) {
      url.searchParams.set("cursor", String(next));
      response.setHeader("Link", `<${url.href}>; rel="next"`);
    }
    json(response, entries.slice(from, next));
  }

  #entry(path: string, { content, large }: ServedFile): unknown {
    const listed = this.faults.rename?.(path) ?? path;
    const size = this.faults.listedSize ?? content.length;
    if (!large) return { type: "file", path: listed, size, oid: gitHash(content) };
    return {
      type: "file",
      path: listed,
      size,
      oid: "1".repeat(40),
      lfs: { oid: sha256(content), size, pointerSize: 130 },
    };
  }

  #resolve(path: string, request: IncomingMessage, response: ServerResponse): void {
    const file = this.files.get(decodeURIComponent(path));
    if (file === undefined) {
      refuse(response, 404, "EntryNotFound");
      return;
    }
    response.setHeader("X-Repo-Commit", this.commit);
    if (!file.large) {
      response.setHeader("ETag", `"${gitHash(file.content)}"`);
      this.#content(file.content, request, response);
      return;
    }
    response.setHeader("X-Linked-Size", this.faults.linkedSize ?? file.content.length);
    response.setHeader("X-Linked-ETag", `"${sha256(file.content)}"`);
    response.writeHead(302, { location: this.faults.redirectTo ?? `${this.store}/signed/${path}` });
    response.end("Found");
  }

  #answerStore(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", this.store);
    this.#note("store", url, request);
    const file = this.files.get(decodeURIComponent(url.pathname.replace("/signed/", "")));
    if (file === undefined) {
      refuse(response, 404);
      return;
    }
    response.setHeader("ETag", '"of-the-store"');
    this.#content(file.content, request, response);
  }

  #content(right: Buffer, request: IncomingMessage, response: ServerResponse): void {
    const { cutAfter, stallAfter, ignoreRange, tamper } = this.faults;
    const content = tamper ? Buffer.alloc(right.length, "x") : right;
    const start = ignoreRange ? 0 : Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    if (start >= content.length && start > 0) {
      refuse(response, 416);
      return;
    }
    if (start > 0) {
      response.setHeader("Content-Range", `bytes ${start}-${content.length - 1}/${content.length}`);
    }
    response.writeHead(start > 0 ? 206 : 200, { "content-length": content.length - start });
    const stop = cutAfter ?? stallAfter;
    if (stop === undefined || start + stop >= content.length) {
      response.end(content.subarray(start));
      return;
    }
    response.write(content.subarray(start, start + stop), () => {
      if (cutAfter !== undefined) setTimeout(() => response.destroy(), 20);
    });
  }

  #note(host: "hub" | "store", url: URL, request: IncomingMessage): void {
    const { authorization, range } = request.headers;
    const userAgent = request.headers["user-agent"];
    this.seen.push({ host, path: decodeURIComponent(url.pathname), authorization, range, userAgent });
  }
}

/** Git's name of a file's content. */
export function gitHash(content: Buffer): string {
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}

export function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

function origin(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

function refuse(response: ServerResponse, status: number, errorCode?: string): void {
  if (errorCode !== undefined) response.setHeader("X-Error-Code", errorCode);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: "refused by the test" }));
}
