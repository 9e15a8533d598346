import { PrumergeError } from "../errors.js";

/** A model on the hub: `owner/name`, and the branch, tag or commit that was asked for. */
export interface HubId {
  /** `owner/name`. */
  readonly name: string;
  /** What followed `@`; undefined means the default branch. */
  readonly revision?: string;
}

const part = "[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?";
const namePattern = new RegExp(`^${part}/${part}$`);
const revisionPattern = /^[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}$/;
const commitPattern = /^[0-9a-f]{40}$/;

/** True for `owner/name` and `owner/name@revision`, the only forms in which a model on the hub is named. */
export function isHubId(text: string): boolean {
  const { name, revision } = split(text);
  return isName(name) && (revision === undefined || isRevision(revision));
}

/**
 * Takes `owner/name` or `owner/name@revision` apart.
 *
 * @throws PrumergeError `INVALID_OPTION` where the text is no hub id.
 */
export function parseHubId(text: string): HubId {
  const { name, revision } = split(text);
  if (!isName(name)) {
    throw new PrumergeError("INVALID_OPTION", "this is no model id of the hub", {
      expected: "owner/name, or owner/name@revision",
      found: JSON.stringify(text),
    });
  }
  if (revision === undefined) return { name };
  checkRevision(revision);
  return { name, revision };
}

/** @throws PrumergeError `INVALID_OPTION` for what can be no branch, tag or commit. */
export function checkRevision(revision: string): void {
  if (isRevision(revision)) return;
  throw new PrumergeError("INVALID_OPTION", "this is no revision", {
    expected: "a branch, a tag or a commit",
    found: JSON.stringify(revision),
  });
}

/** True for the full 40-digit name of a commit, which needs no look-up. */
export function isCommit(revision: string): boolean {
  return commitPattern.test(revision);
}

function split(text: string): { readonly name: string; readonly revision?: string } {
  const at = text.indexOf("@");
  return at === -1 ? { name: text } : { name: text.slice(0, at), revision: text.slice(at + 1) };
}

function isName(name: string): boolean {
  return namePattern.test(name) && !name.includes("--") && !name.includes("..");
}

// A revision becomes a file name below refs/.
function isRevision(revision: string): boolean {
  return (
    revisionPattern.test(revision) && revision.split("/").every((one) => one !== "" && !/^\.+$/.test(one))
  );
}
