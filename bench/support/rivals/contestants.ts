import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { LanguageModelSpec } from "../../../src/models/spec.js";
import type { PlacedWeights } from "./gguf-model.js";
import { installLlamaCpp, installOpenVino } from "./install.js";

/** A prompt of so many tokens, and tokens behind it, the first included. */
export interface Run {
  readonly prompt: number;
  readonly tokens: number;
}

/** Milliseconds of a run: to its first token, and of each after it. */
export interface Ran {
  readonly first: number;
  readonly steps: readonly number[];
  readonly ids: readonly number[];
}

export interface Memory {
  readonly peak: number;
  readonly anonymous: number;
}

export interface Report {
  readonly runs: readonly Ran[];
  /** Bytes, after the runs of the language model. */
  readonly memory: Memory;
  /** Milliseconds of encoding a picture; ours alone. */
  readonly encoder?: { readonly unreduced: number; readonly reduced: number };
  /** With the tower; ours alone. */
  readonly whole?: Memory;
}

/** One of the programs that are compared, each run of which is a process of its own. */
export interface Contestant {
  readonly name: string;
  run(runs: readonly Run[]): Report;
}

export interface Material {
  readonly folder: string;
  readonly gguf: string;
  readonly language: LanguageModelSpec;
  readonly weights: readonly PlacedWeights[];
  readonly side: number;
  /** Visual tokens where they are reduced. */
  readonly few: number;
  readonly threads: number;
}

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Every program that can be had here; the others are said, with why not. */
export function contestants(material: Material, names: readonly string[]): Contestant[] {
  const { folder, gguf, language, side, few, threads } = material;
  const weights = material.weights.map(({ path, file: { placements } }) => ({
    path,
    placements: placements
      .filter(({ key }) => key.startsWith("language_model"))
      .map(({ key, offset, byteLength }) => [key, offset, byteLength]),
  }));
  const makers: Readonly<Record<string, () => Contestant["run"]>> = {
    prumerge: () => (runs) => node("ours.mjs", { folder, threads, runs, side, tokens: few }),
    "llama.cpp": () => {
      const installed = installLlamaCpp();
      return (runs) => node("llama-cpp.mjs", { installed, gguf, threads, runs });
    },
    "transformers.js": () => (runs) => node("transformers-js.mjs", { folder, threads, runs }),
    openvino: () => {
      const python = installOpenVino();
      return (runs) => child(python, script("openvino_run.py"), { threads, runs, language, weights });
    },
  };
  return names.flatMap((name) => {
    const make = makers[name];
    if (make === undefined) {
      throw new Error(`no program named ${name}; there are ${Object.keys(makers).join(", ")}`);
    }
    try {
      return [{ name, run: make() }];
    } catch (error) {
      console.error(`${name} is left out, since it cannot be installed here: ${String(error)}`);
      return [];
    }
  });
}

function node(name: string, given: object): Report {
  return child(process.execPath, script(name), given);
}

function child(program: string, path: string, given: object): Report {
  const stdio: ("ignore" | "pipe" | "inherit")[] = ["ignore", "pipe", "inherit"];
  const { status, signal, stdout } = spawnSync(program, [path, JSON.stringify(given)], {
    encoding: "utf8",
    stdio,
  });
  if (status !== 0) throw new Error(`it ended with ${signal ?? status}`);
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}
