import { PrumergeError } from "../errors.js";
import { projector, visionInputs, visionOutputs } from "../graphs/contract.js";
import { programs, visionFile } from "../graphs/reduction/programs.js";
import { fileSuffixes } from "../models/dtypes.js";
import type { GraphReduction } from "../reduce/graph-program.js";
import type { Matrix } from "../tensor/matrix.js";
import type { RowsRun, TowerInput, VisionRun, VisionWish } from "./engine.js";
import type { GraphFiles } from "./model-folder.js";
import { programFeeds } from "./program-feeds.js";
import type { OnnxRuntime, OrtTensor, Session, SessionOptions } from "./session.js";
import { SessionSlot } from "./session-slot.js";
import type { VisionSide } from "./sides.js";
import { finiteMatrix, floatData, intData, portOf } from "./tensors.js";
import { checkView } from "./vision-input.js";

/** The vision tower with the reduction in its graph (`vision*.onnx`), in this thread. */
export class ReducingVision implements VisionSide {
  /** One session for each reduction that is asked for; the first one's hands on every patch, too. */
  readonly #vision: ReadonlyMap<string, SessionSlot>;
  readonly #projector: SessionSlot;

  constructor(
    private readonly runtime: OnnxRuntime,
    files: GraphFiles,
    options: SessionOptions,
  ) {
    const tower = { ...options, prepack: isQuantized(files.vision?.path) };
    this.#vision = new Map(
      programs.map(({ name }) => {
        const path = files.vision && visionFile(files.vision.path, name);
        return [name, new SessionSlot(runtime, path, "vision*.onnx", files.folder, tower)];
      }),
    );
    this.#projector = new SessionSlot(runtime, files.projector, "projector*.onnx", files.folder, options);
  }

  async warm(): Promise<void> {
    await this.#open("identity");
  }

  async see(view: TowerInput, reduction: GraphReduction, want: VisionWish = {}): Promise<VisionRun> {
    const session = await this.#open(reduction);
    const dims = checkView(session, view);
    const tensors = await this.runtime.loadTensors();
    const settings = programFeeds(reduction, session, patchesOf(session), tensors);
    const started = performance.now();
    const out = await session.run(
      { [visionInputs.pixels]: tensors.float32(view.data, dims), ...settings },
      {},
      outputsFor(want),
    );
    const milliseconds = performance.now() - started;
    const matrix = (name: string) => finiteMatrix(out[name]!, session.path, name);
    return {
      features: matrix(visionOutputs.features),
      keptPatches: intData(out[visionOutputs.keptPatches]!),
      ...(want.mergeWeights && { mergeWeights: matrix(visionOutputs.mergeWeights) }),
      ...(want.patches && { patches: matrix(visionOutputs.patches) }),
      ...(want.lastLayer && {
        lastLayer: {
          keys: matrix(visionOutputs.keys),
          queries: matrix(visionOutputs.queries),
          classAttention: floatData(out[visionOutputs.classAttention]!),
        },
      }),
      ...(want.newline && { newline: matrix(visionOutputs.newline).data }),
      milliseconds,
    };
  }

  async project(tokens: Matrix): Promise<RowsRun> {
    const session = await this.#projector.open();
    const width = portOf(session.inputs, projector.tokens, session.path).shape[1];
    if (tokens.columns !== width || tokens.data.length !== tokens.rows * tokens.columns || tokens.rows < 1) {
      throw new PrumergeError("INVALID_TENSOR", "the projector takes tokens of the tower's width", {
        expected: `[1 or more, ${width}]`,
        found: `[${tokens.rows}, ${tokens.columns}] with ${tokens.data.length} numbers`,
      });
    }
    const tensors = await this.runtime.loadTensors();
    const started = performance.now();
    const feed: OrtTensor = tensors.float32(tokens.data, [tokens.rows, tokens.columns]);
    const out = await session.run({ [projector.tokens]: feed });
    const features = finiteMatrix(out[projector.features]!, session.path, projector.features);
    return { ...features, milliseconds: performance.now() - started };
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#vision.values(), this.#projector].map((slot) => slot.dispose()));
  }

  #open(reduction: GraphReduction): Promise<Session> {
    const name = reduction === "identity" ? programs[0].name : reduction.name;
    const slot = this.#vision.get(name);
    if (slot !== undefined) return slot.open();
    throw new PrumergeError("INVALID_OPTION", "no vision graph holds this reduction", {
      expected: [...this.#vision.keys()].join(", "),
      found: name,
      where: "reduction",
    });
  }
}

/** Names of the outputs that a run hands back. */
function outputsFor({ mergeWeights, patches, lastLayer, newline }: VisionWish): string[] {
  const { keys, queries, classAttention, ...others } = visionOutputs;
  return [
    others.features,
    others.keptPatches,
    ...(mergeWeights ? [others.mergeWeights] : []),
    ...(patches ? [others.patches] : []),
    ...(lastLayer ? [keys, queries, classAttention] : []),
    ...(newline ? [others.newline] : []),
  ];
}

/** N, out of the graph's own declaration. */
function patchesOf(session: Session): number {
  const patches = portOf(session.outputs, visionOutputs.classAttention, session.path).shape[0];
  if (typeof patches === "number") return patches;
  throw new PrumergeError("INVALID_FILE", "a vision graph does not say how many patches it has", {
    where: session.path,
  });
}

/** By the names that quantised graph files bear. */
function isQuantized(path = ""): boolean {
  return [fileSuffixes.q8, fileSuffixes.q4].some((suffix) => path.endsWith(`${suffix}.onnx`));
}
