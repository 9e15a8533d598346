import {
  type CostQuestion,
  findHardware,
  type Hardware,
  type NumberFormat,
  numberFormats,
  presets,
  usualCounts,
} from "../cost/index.js";
import { PrumergeError } from "../errors.js";
import type { ModelAndPicture, PictureSize } from "./model-geometry.js";

/** What `prumerge cost` was asked. */
export interface CostFlags {
  readonly model: string;
  readonly picture?: PictureSize;
  readonly hardware?: string;
  readonly bandwidth?: number;
  readonly operations?: number;
  readonly dtype: NumberFormat;
  readonly activations: NumberFormat;
  readonly keyValues: NumberFormat;
  readonly visualTokens?: readonly number[];
  readonly textTokens: number;
  readonly answerTokens: number;
  readonly attention: "fused" | "unfused";
  readonly plot?: string;
  readonly paper?: boolean;
  readonly listHardware?: boolean;
  readonly json?: boolean;
}

/** What is to be compared, and what to call it. */
export interface NamedQuestion {
  readonly question: CostQuestion;
  readonly visualTokens: readonly number[];
  readonly title: string;
}

/** Turns the command's words into a question; reads a model's geometry, no weights. */
export async function costQuestion(flags: CostFlags, signal: AbortSignal): Promise<NamedQuestion> {
  const { model, picture } = await geometry(flags, signal);
  const hardware = chooseHardware(flags);
  const names = { "7b": "LLaVA-1.5 7B", "13b": "LLaVA-1.5 13B" } as const;
  const name = names[flags.model as keyof typeof names] ?? flags.model;
  const { dtype, activations, keyValues, textTokens, answerTokens, attention } = flags;
  const precision =
    dtype === activations && dtype === keyValues
      ? dtype
      : `weights ${dtype}, activations ${activations}, keys and values ${keyValues}`;
  return {
    question: {
      model,
      ...(picture && { picture }),
      hardware,
      precision: {
        weightBits: numberFormats[dtype],
        activationBits: numberFormats[activations],
        keyValueBits: numberFormats[keyValues],
      },
      textTokens,
      answerTokens,
      attention,
    },
    visualTokens: flags.visualTokens ?? usualCounts(model, picture),
    title: `${name} (${precision}) on ${hardware.title}${sizeOf(flags.picture)}`,
  };
}

function sizeOf(picture: PictureSize | undefined): string {
  return picture === undefined ? "" : `, a picture of ${picture.width} x ${picture.height}`;
}

async function geometry({ model, picture }: CostFlags, signal: AbortSignal): Promise<ModelAndPicture> {
  if (model === "7b" || model === "13b") {
    if (picture === undefined) return { model: presets[model] };
    throw new PrumergeError("INVALID_OPTION", "all pictures have as many visual tokens to this model", {
      where: "--picture",
      expected: "none",
      found: model,
    });
  }
  const { readGeometry } = await import("./model-geometry.js");
  return readGeometry(model, picture, signal);
}

function chooseHardware({ hardware, bandwidth, operations }: CostFlags): Hardware {
  if (bandwidth === undefined && operations === undefined) return findHardware(hardware ?? "a100");
  if (bandwidth === undefined || operations === undefined || hardware !== undefined) {
    throw new PrumergeError(
      "INVALID_OPTION",
      "an own machine is told by both its numbers and by nothing else",
      {
        expected: "--bandwidth and --operations, or --hardware",
      },
    );
  }
  return {
    name: "own",
    title: `a machine with ${bandwidth} GB/s and ${operations} T/s`,
    bandwidth: bandwidth * 1e9,
    fp16: operations * 1e12,
    source: "as given",
  };
}
