import { PrumergeError } from "../errors.js";
import { findMethod, formatBudget } from "../reduce/index.js";
import { defaultPositions } from "../see/row-place.js";
import { isLoopback } from "../serve/http/door.js";
import type { ServeOptions } from "./serve-options.js";

/** Visual tokens sent to a backend where nothing else is asked for. */
export const defaultBackendTokens = 64;

/**
 * Refuses options of `prumerge serve` that have no effect beside others, or contradict them.
 *
 * @throws PrumergeError INVALID_OPTION
 */
export function checkServeOptions(options: ServeOptions): void {
  refuseOpenHost(options);
  if (options.backend === undefined) refuseBackendOptions(options);
  else checkBackend(options);
  if (options.fetch === "off" && options.fetchAllow !== undefined) {
    throw refusal("pictures of these addresses are to be fetched, and none at all", "--fetch-allow", {
      expected: "no --fetch off beside it",
    });
  }
}

/** Whoever reaches an address beyond this machine may ask, which has to be meant. */
function refuseOpenHost({ host, apiKeyFile, keys }: ServeOptions): void {
  const noKeys = keys === false;
  if (noKeys && apiKeyFile !== undefined) {
    throw refusal("keys are wanted of clients, and none", "--no-keys", {
      expected: "no --api-key-file beside it",
    });
  }
  if (noKeys || apiKeyFile !== undefined || isLoopback(host)) return;
  throw refusal("everybody who reaches this address could ask", "--host", {
    expected: "--api-key-file FILE beside it (openssl rand -hex 24 > FILE), or --no-keys where that is meant",
    found: host,
  });
}

function refuseBackendOptions(options: ServeOptions): void {
  const { backendModel, backendKeyFile, backendTokens, backendStrict } = options;
  const given = Object.entries({
    "--backend-model": backendModel,
    "--backend-key-file": backendKeyFile,
    "--backend-tokens": backendTokens,
    "--backend-strict": backendStrict,
  }).find(([, value]) => value !== undefined);
  if (given === undefined) return;
  throw refusal("there is no backend that this could be said of", given[0], { expected: "--backend URL" });
}

function checkBackend(options: ServeOptions): void {
  if (options.batchMemory !== undefined) {
    throw refusal("the language model is the backend's, which batches by itself", "--batch-memory", {
      expected: "no --backend beside it",
    });
  }
  if (options.cache !== undefined) {
    throw refusal("the language model is the backend's, which holds keys and values by itself", "--cache", {
      expected: "no --backend beside it",
    });
  }
  if (options.prefill !== undefined) {
    throw refusal("the language model is the backend's", "--prefill", {
      expected: "no --backend beside it",
    });
  }
  const { positions = defaultPositions } = options;
  if (positions !== defaultPositions) {
    throw refusal("a backend numbers rows by itself, one after another", "--positions", {
      expected: `${defaultPositions}, or no --backend beside it`,
      found: positions,
    });
  }
  checkCounts(options);
}

/** Requests that name no count must not be refused, or get another one than the backend is said to. */
function checkCounts({ method, visualTokens, backendTokens, backendStrict }: ServeOptions): void {
  const count = backendTokens ?? defaultBackendTokens;
  if (visualTokens !== undefined && (backendStrict || backendTokens !== undefined)) {
    if (visualTokens.kind === "exact" && visualTokens.rows === count) return;
    throw refusal(
      "requests that name no count would get another one than the backend takes",
      "--visual-tokens",
      {
        expected: `${count}, as --backend-tokens has it, or nothing`,
        found:
          visualTokens.kind === "exact"
            ? formatBudget(visualTokens)
            : `${formatBudget(visualTokens)}: a count that differs by picture or model`,
      },
    );
  }
  if (method === undefined || !backendStrict || backendTokens !== undefined) return;
  const { budgets } = findMethod(method);
  if (budgets.includes("exact")) return;
  throw refusal(
    `the method ${method} takes no count, and the backend takes ${count} tokens alone`,
    "--method",
    {
      expected: budgets.includes("all")
        ? "--backend-tokens with the model's own count, or another method"
        : "another method",
    },
  );
}

function refusal(
  summary: string,
  where: string,
  details: { readonly expected: string; readonly found?: string },
): PrumergeError {
  return new PrumergeError("INVALID_OPTION", summary, { where, ...details });
}
