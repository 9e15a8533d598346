import { basename, resolve } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { PrumergeError } from "../errors.js";
import type { PreprocessSpec } from "../image/preprocess-spec.js";
import type { ModelSpec } from "../models/spec.js";
import { checkTowerSize } from "../models/tower-size.js";
import { ModelProtoSchema } from "../onnx/schema/onnx_pb.js";
import { companionFiles } from "./companion-files.js";
import { layOutModel, type ModelLayout, type PartDtypes, partDtypes } from "./layout.js";
import { manifestOf, serializeManifest } from "./manifest-of.js";
import {
  bakedTokensOf,
  checkAspect,
  checkDtype,
  checkPrefillDtype,
  checkResampler,
  type PlanOptions,
} from "./options.js";
import type { Checkpoint, CheckpointParts } from "./source/checkpoint.js";
import { openCheckpoint } from "./source/open-checkpoint.js";
import { inputBytes, planJobs, type WeightJob } from "./weight-job.js";

/** A file of the model folder to be, path below it with forward slashes. */
export interface PlannedFile {
  readonly path: string;
  readonly bytes: number;
}

/** What a conversion will do, known before it starts. */
export interface ConversionPlan {
  readonly spec: ModelSpec;
  /** One line for people about the checkpoint. */
  readonly sourceDescription: string;
  readonly dtypes: PartDtypes;
  /** Visual tokens of the graph for other programs; absent where the family has none. */
  readonly bakedTokens?: number;
  /** Weights that will be read, bytes. */
  readonly inputBytes: number;
  /** The whole model folder, bytes: the free disk space that is needed. */
  readonly outputBytes: number;
  readonly files: readonly PlannedFile[];
  /** What of the checkpoint was passed over or put right, one sentence each. */
  readonly notes: readonly string[];
  /** Rough time, seconds. */
  readonly estimatedSeconds: number;
}

/** A plan with all that carrying it out takes. */
export interface PreparedConversion extends ConversionPlan {
  readonly layout: ModelLayout;
  readonly jobs: readonly WeightJob[];
  /** Contents of every file that is not external data. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/** What one thread reads, transforms and writes on a common machine, bytes of input per second. */
const threadSpeed = 80e6;

export async function prepareConversion(
  source: string,
  options: PlanOptions,
  workers: number,
): Promise<PreparedConversion> {
  checkDtype(options.dtype, "dtype");
  checkDtype(options.visionDtype, "visionDtype");
  const { dtype = "q4", prefillDtype } = options;
  checkPrefillDtype(prefillDtype, dtype);
  checkAspect(options.imageAspect);
  checkResampler(options.resampler);
  const checkpoint = await openCheckpoint(source, partsOf(options));
  const { spec, tensors } = checkpoint;
  const dtypes = partDtypes(dtype, options.visionDtype, prefillDtype);
  const bakedTokens = bakedTokensOf(spec, options.bakedTokens);
  const { accuracyLevel = 4 } = options;
  const baked = { ...(bakedTokens !== undefined && { bakedTokens }) };
  const layout = layOutModel(spec, { dtypes, accuracyLevel, ...baked });
  const jobs = planJobs(
    layout.weightFiles.map((file) => file.placements),
    tensors,
  );
  const preprocessing = preprocessingOf(checkpoint, options);
  const contents = new Map<string, Uint8Array>();
  for (const [name, model] of layout.graphs) contents.set(`onnx/${name}`, toBinary(ModelProtoSchema, model));
  for (const [name, text] of companionFiles(checkpoint, { layout, dtypes, preprocessing, ...baked })) {
    contents.set(name, Buffer.from(text));
  }
  const files: PlannedFile[] = [
    ...layout.weightFiles.map((file) => ({ path: `onnx/${file.location}`, bytes: file.byteLength })),
    ...[...contents].map(([path, { byteLength }]) => ({ path, bytes: byteLength })),
  ];
  const name = options.sourceName ?? basename(resolve(source));
  const described = { checkpoint, layout, dtypes, preprocessing, files, name, options, ...baked };
  const manifest = serializeManifest(manifestOf(described));
  contents.set(manifest.path, manifest.bytes);
  files.push({ path: manifest.path, bytes: manifest.bytes.byteLength });
  const input = jobs.reduce((sum, job) => sum + inputBytes(job, job.rows), 0);
  return {
    spec,
    sourceDescription: checkpoint.sourceDescription,
    dtypes,
    ...baked,
    inputBytes: input,
    outputBytes: files.reduce((sum, file) => sum + file.bytes, 0),
    files,
    notes: checkpoint.notes,
    estimatedSeconds: Math.ceil(input / (threadSpeed * Math.max(1, workers))),
    layout,
    jobs,
    contents,
  };
}

function partsOf({ visionTower, lora, projector }: PlanOptions): CheckpointParts {
  return {
    ...(visionTower === undefined ? {} : { visionTower }),
    ...(lora === undefined ? {} : { lora }),
    ...(projector === undefined ? {} : { projector }),
  };
}

/** The checkpoint's own, but for what was asked. */
function preprocessingOf(
  { preprocessing, spec }: Checkpoint,
  { imageAspect, resampler }: PlanOptions,
): PreprocessSpec {
  checkTowerSize(preprocessing, spec);
  const { grids, longestEdge, aspect } = preprocessing;
  if (imageAspect !== undefined && ((grids ?? longestEdge) !== undefined || aspect === "native")) {
    throw new PrumergeError(
      "INVALID_OPTION",
      "a model of pictures in tiles or of any size is converted as such",
      {
        where: "imageAspect",
        expected: "none",
        found: imageAspect,
        ...(aspect !== "native" && { help: "Say it when asking: the picture is then one square" }),
      },
    );
  }
  return {
    ...preprocessing,
    ...(imageAspect !== undefined && { aspect: imageAspect }),
    ...(resampler !== undefined && { resampler }),
  };
}
