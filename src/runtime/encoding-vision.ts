import { PrumergeError } from "../errors.js";
import { visionEncoder } from "../graphs/contract.js";
import type { GraphReduction } from "../reduce/graph-program.js";
import { encoderFeeds } from "./encoder-feeds.js";
import type { TowerInput, VisionRun, VisionWish } from "./engine.js";
import type { GraphFiles } from "./model-folder.js";
import type { Feeds, OnnxRuntime, OrtTensor, Session, SessionOptions, Tensors } from "./session.js";
import { SessionSlot } from "./session-slot.js";
import type { VisionSide } from "./sides.js";
import { finiteMatrix, portOf } from "./tensors.js";
import { checkView, viewFeeds } from "./vision-input.js";

/**
 * A tower of another exporter (`vision_encoder*.onnx`), in this thread: it encodes, takes no settings, and shows nothing but
 * `image_features`, rows of the language model. Ours, where it
 * is all that is left of a converted folder, gives fewer rows than patches and does not say of which.
 */
export class EncodingVision implements VisionSide {
  readonly #encoder: SessionSlot;
  readonly #bakedTokens: number | undefined;

  constructor(
    private readonly runtime: OnnxRuntime,
    files: GraphFiles,
    options: SessionOptions,
  ) {
    this.#encoder = new SessionSlot(
      runtime,
      files.vision?.path,
      "vision_encoder*.onnx",
      files.folder,
      options,
    );
    this.#bakedTokens = files.vision?.bakedTokens;
  }

  async warm(): Promise<void> {
    await this.#encoder.open();
  }

  /** Only hands on every row of the encoder's output: each is a visual token. */
  async see(view: TowerInput, reduction: GraphReduction, want: VisionWish = {}): Promise<VisionRun> {
    if (reduction !== "identity") throw this.#cannot("reduce visual tokens");
    if (view.following !== undefined && view.inputs === undefined) throw this.#cannot("watch videos");
    const session = await this.#encoder.open();
    if (asksMore(want)) throw notShown(want, session);
    portOf(session.outputs, visionEncoder.features, session.path);
    const tensors = await this.runtime.loadTensors();
    const started = performance.now();
    const out = await session.run(feedsOf(session, view, tensors), {}, [visionEncoder.features]);
    const milliseconds = performance.now() - started;
    const features = finiteMatrix(out[visionEncoder.features]!, session.path, visionEncoder.features);
    if (features.data.length !== features.rows * features.columns)
      throw severalViews(out[visionEncoder.features]!, session.path);
    if (this.#bakedTokens !== undefined && features.rows !== this.#bakedTokens) {
      throw new PrumergeError(
        "INVALID_FILE",
        "the encoder gives another number of visual tokens than promised",
        {
          expected: `${this.#bakedTokens}, as processor_config.json says`,
          found: String(features.rows),
          where: session.path,
          help: "Take encoder and processor_config.json from the same conversion",
        },
      );
    }
    const known = this.#bakedTokens === undefined ? features.rows : 0;
    return { features, keptPatches: Int32Array.from({ length: known }, (_, i) => i), milliseconds };
  }

  project(): Promise<never> {
    return Promise.reject(this.#cannot("project merged tokens"));
  }

  dispose(): Promise<void> {
    return this.#encoder.dispose();
  }

  #cannot(what: string): PrumergeError {
    return new PrumergeError("INVALID_OPTION", `this model folder's encoder cannot ${what}`, {
      where: this.#encoder.folder,
      help: "Convert the checkpoint with prumerge convert to reduce its visual tokens, or ask without reduction",
    });
  }
}

function feedsOf(session: Session, view: TowerInput, tensors: Tensors): Feeds {
  if (view.inputs !== undefined) return encoderFeeds(session, view.inputs, tensors);
  const dims = checkView(session, view);
  return {
    [visionEncoder.pixels]: tensors.float32(view.data, dims),
    ...viewFeeds(session, view, [], tensors),
  };
}

/** Whether a run shall show more than visual tokens. */
function asksMore({ layers = [], ...others }: VisionWish): boolean {
  return layers.length > 0 || Object.values(others).some((wanted) => wanted === true);
}

function notShown({ layers = [], ...others }: VisionWish, { outputs, path }: Session): PrumergeError {
  const flags = Object.entries(others).flatMap(([name, wanted]) => (wanted === true ? [name] : []));
  const wanted = [...layers.map((layer) => `keys and queries of layer ${layer}`), ...flags];
  return new PrumergeError("INVALID_OPTION", "this folder's encoder does not show what the method reads", {
    where: path,
    expected: wanted.join(", "),
    found: `outputs ${outputs.map(({ name }) => name).join(", ")}`,
    help: "Take a method that reads rows alone, such as cover, or convert the checkpoint with prumerge convert",
  });
}

function severalViews({ dims }: OrtTensor, where: string): PrumergeError {
  return new PrumergeError("UNSUPPORTED_MODEL", "a vision encoder of an unknown form", {
    where,
    expected: "image_features of one view, [1, rows, width] or [rows, width]",
    found: `[${dims.join(", ")}]`,
  });
}
