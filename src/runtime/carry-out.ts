import { type Call, type Reply, toReplyError, transferables } from "./worker-protocol.js";

/** Carries out a call in the thread that holds `target`, and hands the reply to `post` with the memory to move. */
export async function carryOut(
  target: object,
  { id, method, args }: Call,
  post: (reply: Reply, transfer: ArrayBuffer[]) => void,
): Promise<void> {
  const methods = target as Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>;
  try {
    const result = await methods[method]!(...args);
    post({ id, result }, transferables(result));
  } catch (error) {
    post({ id, error: toReplyError(error) }, []);
  }
}
