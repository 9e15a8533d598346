import type { Engine } from "./engine.js";

/** The halves of an engine; each may run in a thread of its own. */
export type Half = "vision" | "language";

/** A method that one of the halves carries out. */
export type CallName = Exclude<keyof Engine, "vision" | "cacheForm" | "prefillDtype" | "dispose">;

/** How many arguments stand before a method's signal; never where it takes none. */
type SignalPlace<Method extends CallName> =
  Required<Parameters<Engine[Method]>> extends readonly [...infer Before, AbortSignal]
    ? Before["length"]
    : never;

type EngineCalls = {
  readonly [Method in CallName]: {
    readonly half: Half;
    /**
     * Which argument is the signal. A method that takes one waits for its turn, and the half is not told of it; the others
     * take no time and wait for none.
     */
    readonly signal: [SignalPlace<Method>] extends [never] ? undefined : SignalPlace<Method>;
  };
};

/** Every method of an engine's halves: composing, calling from afar and what the halves are follow from this table. */
export const engineCalls = {
  see: { half: "vision", signal: 3 },
  project: { half: "vision", signal: 1 },
  embed: { half: "language", signal: 1 },
  createCache: { half: "language", signal: undefined },
  forkCache: { half: "language", signal: undefined },
  truncateCache: { half: "language", signal: undefined },
  releaseCache: { half: "language", signal: undefined },
  cacheLength: { half: "language", signal: undefined },
  cacheMemory: { half: "language", signal: undefined },
  takes: { half: "language", signal: undefined },
  forward: { half: "language", signal: 3 },
} as const satisfies EngineCalls;

/** The methods of one half. */
export type CallsOf<Name extends Half> = {
  [Method in CallName]: (typeof engineCalls)[Method]["half"] extends Name ? Method : never;
}[CallName];

type Arguments = readonly unknown[];

/** The same kind of function for every method of the table, or of one half. */
export function eachCall<Name extends Half = Half>(
  make: (method: CallName) => (...args: Arguments) => Promise<unknown>,
  half?: Name,
): Pick<Engine, CallsOf<Name>> {
  const names = (Object.keys(engineCalls) as CallName[]).filter(
    (method) => half === undefined || engineCalls[method].half === half,
  );
  return Object.fromEntries(names.map((method) => [method, make(method)])) as Pick<Engine, CallsOf<Name>>;
}
