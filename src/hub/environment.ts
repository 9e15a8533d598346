import { homedir } from "node:os";
import { join } from "node:path";
import { PrumergeError } from "../errors.js";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment says of the hub, read as Python's huggingface_hub reads it; docs/hub.md tells where not. */
export interface HubEnvironment {
  readonly endpoint: string | undefined;
  readonly cacheDir: string;
  readonly offline: boolean;
  /** A token that a variable holds. */
  readonly token: string | undefined;
  /** The file that a login leaves its token in. */
  readonly tokenPath: string;
  /** False: neither of the two is sent. */
  readonly implicitToken: boolean;
  /** False: files in snapshots are no symbolic links. */
  readonly symlinks: boolean;
  /** Longest silence of an answer about a model, and of a download, milliseconds. */
  readonly answerSilence: number | undefined;
  readonly downloadSilence: number | undefined;
  /** Added to the name that the program gives itself. */
  readonly origin: string | undefined;
}

/**
 * Reads the variables of the hub's programs. An empty variable counts as one that is not set.
 *
 * @throws PrumergeError `INVALID_OPTION` for a value that cannot be what its variable stands for.
 */
export function readEnvironment(
  environment: Environment = process.env,
  home: string = homedir(),
): HubEnvironment {
  const given = (name: string) => (environment[name]?.trim() ? environment[name] : undefined);
  const isTrue = (name: string) =>
    ["1", "ON", "YES", "TRUE"].includes((given(name) ?? "").trim().toUpperCase());
  const path = (name: string, fallback: string) =>
    expandPath(given(name) ?? fallback, environment, home, name);
  const cacheHome = given("XDG_CACHE_HOME") ?? join(home, ".cache");
  const hubHome = path("HF_HOME", join(cacheHome, "huggingface"));
  const legacyCache = given("HUGGINGFACE_HUB_CACHE") ?? join(hubHome, "hub");
  return {
    endpoint: given("HF_ENDPOINT")?.trim(),
    cacheDir: path("HF_HUB_CACHE", legacyCache),
    offline: isTrue(given("HF_HUB_OFFLINE") === undefined ? "TRANSFORMERS_OFFLINE" : "HF_HUB_OFFLINE"),
    token: cleanToken(given("HF_TOKEN") ?? given("HUGGING_FACE_HUB_TOKEN")),
    tokenPath: path("HF_TOKEN_PATH", join(hubHome, "token")),
    implicitToken: !isTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN"),
    symlinks: !isTrue("HF_HUB_DISABLE_SYMLINKS"),
    answerSilence: milliseconds("HF_HUB_ETAG_TIMEOUT", given("HF_HUB_ETAG_TIMEOUT")),
    downloadSilence: milliseconds("HF_HUB_DOWNLOAD_TIMEOUT", given("HF_HUB_DOWNLOAD_TIMEOUT")),
    origin: printable("HF_HUB_USER_AGENT_ORIGIN", given("HF_HUB_USER_AGENT_ORIGIN")?.trim()),
  };
}

/** A token without the line ends and spaces that files and copied text bring along; undefined where nothing is left. */
export function cleanToken(text: string | undefined): string | undefined {
  return text?.replace(/[\r\n]/g, "").trim() || undefined;
}

/**
 * `~` and variables in a path, as Python's expanduser and expandvars read them: a variable that is not set stays as it is
 * written.
 */
function expandPath(text: string, environment: Environment, home: string, where: string): string {
  if (/^~[^/\\]/.test(text)) {
    throw new PrumergeError("INVALID_OPTION", "another user's home is not looked up", {
      where,
      found: JSON.stringify(text),
      help: "Write the folder out",
    });
  }
  const fromHome = text.startsWith("~") ? home + text.slice(1) : text;
  const named = fromHome.replace(
    /\$(?:(\w+)|\{([^}]*)\})/g,
    (whole, bare, braced) => environment[bare ?? braced] ?? whole,
  );
  if (process.platform !== "win32") return named;
  return named.replace(/%([^%]+)%/g, (whole, name) => environment[name] ?? whole);
}

/** Most that a timer takes. */
const mostSeconds = 2_147_483;

function milliseconds(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = /^\s*\+?\d+\s*$/.test(text) ? Number(text) : Number.NaN;
  if (seconds === 0) return undefined; // as not set, in huggingface_hub too
  if (seconds <= mostSeconds) return seconds * 1000;
  throw new PrumergeError("INVALID_OPTION", "this is no time to wait", {
    where: name,
    expected: `whole seconds, at most ${mostSeconds}`,
    found: JSON.stringify(text),
  });
}

function printable(name: string, text: string | undefined): string | undefined {
  if (text === undefined || /^[\x20-\x7e]+$/.test(text)) return text;
  throw new PrumergeError("INVALID_OPTION", "this cannot be sent along with a request", {
    where: name,
    expected: "printable ASCII",
  });
}
