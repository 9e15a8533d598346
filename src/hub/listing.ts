import { PrumergeError } from "../errors.js";
import { HubFailure, withAttempts } from "./attempts.js";
import type { HubConnection } from "./connection.js";
import { checkRevision, isCommit } from "./hub-id.js";
import { boundedFetch } from "./request.js";

/** A file of a model at one commit, as the hub lists it. */
export interface HubFile {
  /** Path inside the model, `/` between its parts; checked: it stays inside. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Name in the cache's blobs folder, and what the content must hash to. */
  readonly digest: Digest;
}

/** `sha256` of a large file's content, or git's object name of a small one (sha1 over a header and the content). */
export interface Digest {
  readonly kind: "sha256" | "git-sha1";
  /** Lower-case hexadecimal, 64 or 40 digits. */
  readonly hex: string;
}

/** More files than any model has; a listing without end is cut off here. */
const mostFiles = 20_000;

/**
 * The commit that a branch or tag stands for now.
 *
 * @throws PrumergeError `NOT_FOUND` for an unknown model or revision, `NETWORK`.
 */
export async function resolveCommit(
  connection: HubConnection,
  name: string,
  revision: string,
): Promise<string> {
  checkRevision(revision);
  const { modelInfo } = await import("@huggingface/hub");
  const info = await ask(connection, name, (common) =>
    modelInfo({ ...common, name, revision, additionalFields: ["sha"] }),
  );
  if (typeof info.sha === "string" && isCommit(info.sha)) return info.sha;
  throw notAHub(`${name}@${revision}`, connection, new Error("the answer names no commit"));
}

/**
 * All files of a model at a commit.
 *
 * @throws PrumergeError `UNSAFE_PATH` for names that would leave the model's folder, `LIMIT_EXCEEDED`, `NOT_FOUND`,
 *   `NETWORK`.
 */
export async function listModelFiles(
  connection: HubConnection,
  name: string,
  commit: string,
): Promise<HubFile[]> {
  const { listFiles } = await import("@huggingface/hub");
  return ask(connection, name, async (common) => {
    const files: HubFile[] = [];
    const repo = { type: "model", name } as const;
    for await (const entry of listFiles({ ...common, repo, revision: commit, recursive: true })) {
      if (entry.type !== "file") continue;
      if (files.length >= mostFiles) {
        throw new PrumergeError("LIMIT_EXCEEDED", "the model lists too many files", {
          where: name,
          expected: `at most ${mostFiles}`,
        });
      }
      files.push(toHubFile(name, entry));
    }
    return files;
  });
}

/**
 * The path itself, where it stays inside a folder under the rules of every operating system.
 *
 * @throws PrumergeError `UNSAFE_PATH`.
 */
export function checkRelativePath(path: string, where: string): string {
  const parts = path.split("/");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: file names must not hold them
  const forbidden = /[\\:\u0000-\u001f]/;
  const safe = parts.every((one) => one !== "" && one !== "." && one !== ".." && !forbidden.test(one));
  if (safe && path.length <= 1000) return path;
  throw new PrumergeError("UNSAFE_PATH", "a file's name would leave the model's folder", {
    where,
    expected: "a relative path without .., backslashes, colons or control characters",
    found: JSON.stringify(path.slice(0, 200)),
  });
}

interface Common {
  readonly hubUrl: string;
  readonly fetch: typeof fetch;
}

/** A file as the hub writes it into a listing. */
export interface ListedFile {
  readonly path: string;
  readonly size: number;
  readonly oid?: string;
  readonly lfs?: { readonly oid: string; readonly size: number };
}

function ask<T>(connection: HubConnection, where: string, work: (common: Common) => Promise<T>): Promise<T> {
  // The token travels in our own fetch: the library would send it on to whatever host the next page names.
  const common = { hubUrl: connection.endpoint.href.replace(/\/+$/, ""), fetch: boundedFetch(connection) };
  return withAttempts(connection, where, async () => {
    try {
      return await work(common);
    } catch (error) {
      if (!(error instanceof SyntaxError) && !(error instanceof TypeError)) throw error;
      throw notAHub(where, connection, error);
    }
  });
}

function notAHub(where: string, { endpoint }: HubConnection, cause: unknown): PrumergeError {
  return new PrumergeError("NETWORK", "the answer is not a hub's", {
    where: `${where} at ${endpoint.origin}`,
    help: "Check HF_ENDPOINT, and whether this network wants a login first",
    cause: new HubFailure("the answer is not a hub's", { cause }),
  });
}

/**
 * A listed file, checked.
 *
 * @throws PrumergeError `UNSAFE_PATH`; `NETWORK` for one without a usable size or hash.
 */
export function toHubFile(name: string, entry: ListedFile): HubFile {
  const path = checkRelativePath(entry.path, name);
  const size = entry.lfs?.size ?? entry.size;
  const digest: Digest | undefined =
    entry.lfs !== undefined ? sha256(entry.lfs.oid) : { kind: "git-sha1", hex: entry.oid ?? "" };
  const valid = digest.hex.length === (digest.kind === "sha256" ? 64 : 40) && /^[0-9a-f]+$/.test(digest.hex);
  if (valid && Number.isSafeInteger(size) && size >= 0) return { path, size, digest };
  throw new PrumergeError("NETWORK", "the hub lists a file without a usable size or hash", {
    where: `${name}/${path}`,
  });
}

function sha256(oid: string): Digest {
  return { kind: "sha256", hex: oid.replace(/^sha256:/, "") };
}
