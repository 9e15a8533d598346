import type { Engine } from "./engine.js";
import { eachCall, engineCalls } from "./engine-calls.js";
import { Queue } from "./queue.js";
import type { LanguageSide, VisionSide } from "./sides.js";

/**
 * One engine of two halves, wherever each of them runs. Runs of both take turns, since each uses all threads: answers
 * under way at the same time advance by one step each. What is done to a cache beside runs takes no time and waits for
 * no turn, and neither does loading; nobody changes a cache under its own run.
 *
 * @param queue whose turn it is; default: one after another, in the order in which they come
 */
export function composeEngine(
  vision: VisionSide,
  language: LanguageSide,
  ability: Engine["vision"],
  queue: Pick<Queue, "add"> = new Queue(),
): Engine {
  const halves: Readonly<Record<string, unknown>> = { vision, language };
  const calls = eachCall((method) => {
    const { half, signal } = engineCalls[method];
    const target = halves[half] as Readonly<
      Record<string, (...args: readonly unknown[]) => Promise<unknown>>
    >;
    if (signal === undefined) return (...args) => target[method]!(...args);
    return (...args) =>
      queue.add(() => target[method]!(...args.slice(0, signal)), args[signal] as AbortSignal | undefined);
  });
  return {
    ...calls,
    vision: ability,
    dispose: () =>
      queue.add(async () => {
        await Promise.all([vision.dispose(), language.dispose()]);
      }),
  };
}
