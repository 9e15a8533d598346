import { PrumergeError } from "../errors.js";
import { nativeInputs, projector, visionInputs, visionOutputs } from "../graphs/contract.js";
import { programs, visionFile } from "../graphs/reduction/programs.js";
import { fileSuffixes } from "../models/dtypes.js";
import type { GraphReduction } from "../reduce/graph-program.js";
import type { Matrix } from "../tensor/matrix.js";
import type { RowsRun, TowerInput, VisionRun, VisionWish } from "./engine.js";
import type { GraphFiles } from "./model-folder.js";
import { programFeeds } from "./program-feeds.js";
import type { Feeds, OnnxRuntime, OrtTensor, Session, SessionOptions, Tensors } from "./session.js";
import { SessionSlot } from "./session-slot.js";
import type { VisionSide } from "./sides.js";
import { finiteMatrix, floatData, hasPort, intData, portOf } from "./tensors.js";
import { checkView, pixelsOf, viewFeeds } from "./vision-input.js";

/** The vision tower with the reduction in its graph (`vision*.onnx`), in this thread. */
export class ReducingVision implements VisionSide {
  /** One session for each reduction that is asked for; the first one's hands on every patch, too. */
  readonly #vision: ReadonlyMap<string, SessionSlot>;
  /** For videos. */
  readonly #watching: SessionSlot;
  /** Else the graph for pictures takes what of a video goes together. */
  readonly #hasWatching: boolean;
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
    this.#hasWatching = files.watching !== undefined;
    this.#watching = new SessionSlot(runtime, files.watching, "vision_video*.onnx", files.folder, tower);
    this.#projector = new SessionSlot(runtime, files.projector, "projector*.onnx", files.folder, options);
  }

  async warm(): Promise<void> {
    await this.#open("identity");
  }

  async see(view: TowerInput, reduction: GraphReduction, wish: VisionWish = {}): Promise<VisionRun> {
    const watching = view.following !== undefined && this.#hasWatching;
    const session = await (watching ? this.#watching.open() : this.#open(reduction));
    const want = wish.everyLayer ? withEveryLayer(wish, session) : wish;
    const dims = checkView(session, view);
    const outputs = outputsFor(want, session);
    const tensors = await this.runtime.loadTensors();
    const settings = settingFeeds(reduction, session, tensors);
    const started = performance.now();
    const out = await session.run(
      {
        [visionInputs.pixels]: tensors.float32(pixelsOf(view), dims),
        ...viewFeeds(session, attending(view, want), Object.keys(settings), tensors),
        ...settings,
      },
      {},
      outputs,
    );
    const milliseconds = performance.now() - started;
    const matrix = (name: string) => finiteMatrix(out[name]!, session.path, name);
    return {
      features: matrix(visionOutputs.features),
      keptPatches: keptOf(out, session),
      ...(want.mergeWeights && { mergeWeights: matrix(visionOutputs.mergeWeights) }),
      ...(want.patches && { patches: matrix(visionOutputs.patches) }),
      ...(want.layers?.includes(-1) && {
        lastLayer: {
          keys: matrix(visionOutputs.keys),
          queries: matrix(visionOutputs.queries),
          classAttention: floatData(out[visionOutputs.classAttention]!),
          ...headAttention(out[visionOutputs.headAttention]),
        },
      }),
      ...(earlier(want).length > 0 && {
        layers: Object.fromEntries(
          earlier(want).map((layer) => [
            layer,
            {
              keys: matrix(visionOutputs.layerKeys(layer)),
              queries: matrix(visionOutputs.layerQueries(layer)),
              ...headAttention(out[visionOutputs.layerHeadAttention(layer)]),
            },
          ]),
        ),
      }),
      ...(outputs.includes(visionOutputs.classFeatures) && {
        classFeatures: matrix(visionOutputs.classFeatures),
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
    await Promise.all(
      [...this.#vision.values(), this.#watching, this.#projector].map((slot) => slot.dispose()),
    );
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

/** Whether a vision graph holds a reduction; without one it hands on every row. */
function reduces({ outputs }: Session): boolean {
  return hasPort(outputs, visionOutputs.keptPatches);
}

function settingFeeds(reduction: GraphReduction, session: Session, tensors: Tensors) {
  if (reduces(session)) return programFeeds(reduction, session, patchesOf(session), tensors);
  if (reduction === "identity") return {};
  throw new PrumergeError("INVALID_OPTION", "this vision graph holds no reduction", {
    where: session.path,
    expected: "identity, and a plan for its rows",
    found: reduction.name,
  });
}

/** Patches that rows stand on: of a graph without a reduction every one. */
function keptOf(out: Feeds, session: Session): Int32Array {
  if (reduces(session)) return intData(out[visionOutputs.keptPatches]!);
  const rows = out[visionOutputs.features]!.dims[0]!;
  return Int32Array.from({ length: rows }, (_, row) => row);
}

/** Names of the outputs that a run hands back. */
function outputsFor(want: VisionWish, session: Session): string[] {
  const { keys, queries, classAttention, layerKeys, layerQueries, layerHeadAttention, ...others } =
    visionOutputs;
  const { mergeWeights, patches, layers = [], classFeatures, newline } = want;
  const earlierOnes = earlier(want).flatMap((layer) => [layerKeys(layer), layerQueries(layer)]);
  const last = layers.includes(-1) ? [keys, queries, classAttention] : [];
  const asked = [
    ...last,
    ...earlierOnes,
    ...(classFeatures && classTokenOf(session) ? [others.classFeatures] : []),
  ];
  const shown = session.outputs.map(({ name }) => name);
  const ofHeads = [
    ...(layers.includes(-1) ? [others.headAttention] : []),
    ...earlier(want).map((layer) => layerHeadAttention(layer)),
  ].filter((name) => shown.includes(name));
  const missing = asked.filter((name) => !shown.includes(name));
  if (missing.length > 0) throw notShown(missing, session.path);
  return [
    others.features,
    ...(reduces(session) ? [others.keptPatches] : []),
    ...(mergeWeights ? [others.mergeWeights] : []),
    ...(patches ? [others.patches] : []),
    ...asked,
    ...ofHeads,
    ...(newline ? [others.newline] : []),
  ];
}

/** A view whose graph computes attention for those alone who ask for it, where it can leave that out. */
function attending(view: TowerInput, { layers = [] }: VisionWish): TowerInput {
  const { queryStep } = nativeInputs;
  const step = view.feeds?.[queryStep];
  if (step === undefined || layers.length > 0) return view;
  const none = { type: "int64", dims: step.dims, data: new Int32Array(step.data.length) } as const;
  return { ...view, feeds: { ...view.feeds, [queryStep]: none } };
}

/** Of graphs whose visual tokens are blocks of patches. */
function headAttention(tensor: OrtTensor | undefined): { readonly headAttention?: Float32Array } {
  return tensor === undefined ? {} : { headAttention: floatData(tensor) };
}

/** What a graph shows, asked for by name. */
function withEveryLayer(want: VisionWish, { outputs }: Session): VisionWish {
  const names = outputs.map(({ name }) => name);
  const shown = names.flatMap((name) =>
    /^keys\.-\d+$/.test(name) ? [Number(name.slice("keys.".length))] : [],
  );
  const classFeatures = names.includes(visionOutputs.classFeatures);
  const last = names.includes(visionOutputs.keys) ? [-1] : [];
  return { ...want, layers: [...new Set([...(want.layers ?? []), ...last, ...shown])], classFeatures };
}

/** The layers before the last. */
function earlier({ layers = [] }: VisionWish): number[] {
  return layers.filter((layer) => layer !== -1);
}

/** Whether the tower has a class token: its keys have a row more than there are patches. */
function classTokenOf(session: Session): boolean {
  if (!hasPort(session.outputs, visionOutputs.keys)) return false;
  const rowsOf = (name: string) => portOf(session.outputs, name, session.path).shape[0];
  return rowsOf(visionOutputs.keys) !== rowsOf(visionOutputs.classAttention);
}

function notShown(missing: readonly string[], path: string): PrumergeError {
  return new PrumergeError(
    "INVALID_OPTION",
    "this folder's vision graph does not show what the method reads",
    {
      where: path,
      expected: `outputs ${missing.join(", ")}`,
      help: "Convert the checkpoint again with this version of prumerge; a tower of fewer layers never has them",
    },
  );
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
  return [fileSuffixes.q8, fileSuffixes.int8, fileSuffixes.q4].some((suffix) =>
    path.endsWith(`${suffix}.onnx`),
  );
}
