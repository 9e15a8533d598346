import { PrumergeError } from "../../errors.js";
import { beyond } from "../../video/limits.js";

/** What fetching a file may cost, and what to call it. */
interface Fetching {
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** An address, which may be relative to the page. */
export function addressOf(source: string | URL): string {
  try {
    return new URL(source, document.baseURI).href;
  } catch (cause) {
    throw new PrumergeError("INVALID_OPTION", "not an address", {
      expected: "an address, also relative to the page",
      found: String(source).slice(0, 200),
      cause,
    });
  }
}

/** Bytes of a file, and whether its server gives out parts of it. */
interface FetchedPart {
  readonly bytes: Uint8Array;
  readonly partly: boolean;
}

/** A part of a file, and no more of it: from its beginning where the server gives out no parts. */
export async function fetchPart(
  address: string,
  position: number,
  length: number,
  fetching: Fetching,
): Promise<FetchedPart> {
  const headers = { Range: `bytes=${position}-${position + length - 1}` };
  const response = await fetchWithin(address, { headers }, fetching);
  const reader = response.body?.getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let found = 0;
  try {
    for (let step = await reader?.read(); step?.done === false; step = await reader?.read()) {
      parts.push(step.value as Uint8Array<ArrayBuffer>);
      found += step.value.length;
      if (found >= length) break;
    }
  } finally {
    await reader?.cancel().catch(() => undefined);
  }
  const bytes = new Uint8Array(await new Blob(parts).slice(0, length).arrayBuffer());
  return { bytes, partly: response.status === 206 };
}

/**
 * `fetch`, whose answers are refused where they are none, and where they are or turn out larger than a cap.
 *
 * @throws PrumergeError NOT_FOUND, NETWORK, LIMIT_EXCEEDED; the signal's reason
 */
export async function fetchWithin(
  address: string,
  init: RequestInit,
  { maxBytes, signal }: Fetching,
): Promise<Response> {
  const either = init.signal ? AbortSignal.any([signal, init.signal]) : signal;
  const response = await fetch(address, { ...init, signal: either }).catch((cause: unknown) => {
    if (either.aborted) throw either.reason;
    throw new PrumergeError("NETWORK", "a file cannot be fetched", { where: address, cause });
  });
  if (!response.ok) {
    throw new PrumergeError(response.status === 404 ? "NOT_FOUND" : "NETWORK", "a file cannot be fetched", {
      where: address,
      found: `status ${response.status}`,
    });
  }
  const tooLarge = (found: string) =>
    beyond("a file is too large", address, `at most ${maxBytes} bytes`, found);
  const announced = sizeOf(response);
  if (announced > maxBytes) {
    await response.body?.cancel();
    throw tooLarge(`${announced} bytes`);
  }
  let passed = 0;
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform(part, controller) {
      passed += part.length;
      if (passed > maxBytes) controller.error(tooLarge("more"));
      else controller.enqueue(part);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body?.pipeThrough(counting) ?? null, { status, statusText, headers });
}

/** Of the whole file, 0 where the server does not say it. */
function sizeOf({ headers }: Response): number {
  const whole = /\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1];
  return Number(whole ?? headers.get("content-length") ?? 0);
}
