import { PrumergeError } from "../errors.js";
import { mergedDecoder } from "../graphs/contract.js";
import { encodeFloat16, halfBits } from "../tensor/half.js";
import type { DecoderCache } from "./decoder-form.js";
import { HeldPlaces, type Placed, positionAxes, refusePlaces } from "./held-places.js";
import type { Feeds, OrtTensor, Session, Tensors } from "./session.js";
import { finiteMatrix, hasPort, portOf, sizeAt } from "./tensors.js";

interface ReturnedShape {
  readonly layers: number;
  readonly heads: number;
  readonly headDim: number;
  readonly type: "float32" | "float16";
}

/** Keys and values of one layer, [1, H, tokens, d], never changed once they are here. */
interface LayerCache {
  readonly key: OrtTensor;
  readonly value: OrtTensor;
}

/** Keys and values of all layers, and how many copies of the cache have them: the last one gives them back. */
interface Held {
  readonly layers: readonly LayerCache[];
  owners: number;
}

/**
 * The cache of `decoder_model_merged*.onnx`: what each run returns is what the next one takes. Copies are free, since
 * tensors are never changed.
 */
export class ReturnedCache implements DecoderCache {
  private constructor(
    private readonly session: Session,
    private readonly tensors: Tensors,
    private readonly shape: ReturnedShape,
    private held: Held,
    public length: number,
    private readonly places = new HeldPlaces(),
  ) {}

  static async create(session: Session, tensors: Tensors): Promise<ReturnedCache> {
    const shape = returnedShape(session);
    const empty = () => emptyTensor(tensors, shape);
    const layers = Array.from({ length: shape.layers }, () => ({ key: empty(), value: empty() }));
    return new ReturnedCache(session, tensors, shape, { layers, owners: 1 }, 0);
  }

  get nextPosition(): number {
    return this.places.next;
  }

  get usedBytes(): number {
    return this.length * this.#bytesPerToken;
  }

  get allocatedBytes(): number {
    return tokensIn(this.held.layers[0]!.key) * this.#bytesPerToken;
  }

  /** The tensors are cut at the next run, which copies them anyway. */
  truncate(length: number): void {
    this.length = length;
    this.places.truncate(length);
  }

  release(): void {
    this.#replaceLayers([]);
  }

  fork(length = this.length): ReturnedCache {
    const { session, tensors, shape, held, places } = this;
    held.owners++;
    return new ReturnedCache(session, tensors, shape, held, length, places.fork(length));
  }

  async run(rows: Float32Array, count: number, places: Placed): Promise<Float32Array> {
    const takes = { positions: hasPort(this.session.inputs, mergedDecoder.positions), bias: false };
    refusePlaces(places, this.length, takes, this.session.path);
    await this.#cut();
    const total = this.length + count;
    const out = await this.session.run({ ...this.#past(), ...this.#rows(rows, count, total, places) });
    const logits = finiteMatrix(out[mergedDecoder.logits]!, this.session.path, mergedDecoder.logits);
    this.#replaceLayers(
      this.held.layers.map((_, layer) => ({
        key: out[mergedDecoder.presentKey(layer)]!,
        value: out[mergedDecoder.presentValue(layer)]!,
      })),
    );
    this.length = total;
    this.places.append(places);
    return logits.data.slice(-logits.columns);
  }

  get #bytesPerToken(): number {
    const { layers, heads, headDim, type } = this.shape;
    return layers * 2 * heads * headDim * (type === "float32" ? 4 : 2);
  }

  #past(): Feeds {
    return Object.fromEntries(
      this.held.layers.flatMap(({ key, value }, layer) => [
        [mergedDecoder.pastKey(layer), key],
        [mergedDecoder.pastValue(layer), value],
      ]),
    );
  }

  /** Inputs about the new rows; exporters differ in which of them they declare. */
  #rows(rows: Float32Array, count: number, total: number, { positions }: Placed): Feeds {
    const { float32, int64, bool } = this.tensors;
    const known: Readonly<Record<string, () => OrtTensor>> = {
      [mergedDecoder.embeddings]: () => {
        const dims = [1, count, rows.length / count];
        const half =
          portOf(this.session.inputs, mergedDecoder.embeddings, this.session.path).type === "float16";
        return half ? this.tensors.float16(encodeFloat16(rows), dims) : float32(rows, dims);
      },
      [mergedDecoder.attentionMask]: () => int64(new Array(total).fill(1), [1, total]),
      [mergedDecoder.positions]: () => {
        const { shape } = portOf(this.session.inputs, mergedDecoder.positions, this.session.path);
        // Positions of several coordinates have an axis more, in front.
        const axes = shape.length === 3 ? mergedPositionAxes(shape[0]!) : 1;
        const all = positionAxes(positions, axes, this.session.path);
        return int64(all, shape.length === 3 ? [axes, 1, count] : [1, count]);
      },
      use_cache_branch: () => bool(this.length > 0, [1]),
      num_logits_to_keep: () => int64([1], []),
    };
    const feeds: Record<string, OrtTensor> = {};
    for (const { name } of this.session.inputs) {
      if (name in known) feeds[name] = known[name]!();
      else if (!pastPattern.test(name)) throw unsupported(this.session.path, `input ${name}`);
    }
    return feeds;
  }

  async #cut(): Promise<void> {
    const { layers } = this.held;
    if (tokensIn(layers[0]!.key) === this.length) return;
    const cut = (tensor: OrtTensor) => cutTokens(this.tensors, tensor, this.length);
    this.#replaceLayers(
      await Promise.all(
        layers.map(async ({ key, value }) => ({ key: await cut(key), value: await cut(value) })),
      ),
    );
  }

  /** Memory of a graphics processor is not garbage collected. */
  #replaceLayers(layers: readonly LayerCache[]): void {
    const old = this.held;
    this.held = { layers, owners: 1 };
    if (--old.owners > 0) return;
    for (const tensor of old.layers.flatMap(({ key, value }) => [key, value]))
      if (tensor.location !== "cpu") tensor.dispose();
  }
}

/** Coordinates of positions that have an axis for them: three, where a graph leaves their number open. */
export function mergedPositionAxes(first: number | string): number {
  return typeof first === "number" ? first : 3;
}

const pastPattern = /^past_key_values\.\d+\.(key|value)$/;

function tokensIn(tensor: OrtTensor): number {
  return tensor.dims[2]!;
}

function returnedShape({ inputs, path }: Session): ReturnedShape {
  const first = portOf(inputs, mergedDecoder.pastKey(0), path);
  if (first.type !== "float32" && first.type !== "float16")
    throw unsupported(path, `a cache of ${first.type}`);
  return {
    layers: inputs.filter((input) => pastPattern.test(input.name)).length / 2,
    heads: sizeAt(first, 1, path),
    headDim: sizeAt(first, 3, path),
    type: first.type,
  };
}

function emptyTensor(tensors: Tensors, { heads, headDim, type }: ReturnedShape): OrtTensor {
  const dims = [1, heads, 0, headDim];
  return type === "float32"
    ? tensors.float32(new Float32Array(0), dims)
    : tensors.float16(new Uint16Array(0), dims);
}

/** The first `length` tokens of [1, H, tokens, d], wherever the tensor is. */
async function cutTokens(tensors: Tensors, tensor: OrtTensor, length: number): Promise<OrtTensor> {
  const [, heads, tokens, headDim] = tensor.dims as [number, number, number, number];
  const width = length * headDim;
  const dims = [1, heads, length, headDim];
  const cut = <Data extends Float32Array | Uint16Array>(from: Data, to: Data): Data => {
    for (let head = 0; head < heads; head++) {
      const start = head * tokens * headDim;
      to.set(from.subarray(start, start + width), head * width);
    }
    return to;
  };
  const data = await tensor.getData();
  return tensor.type === "float32"
    ? tensors.float32(cut(data as Float32Array, new Float32Array(heads * width)), dims)
    : tensors.float16(cut(halfBits(data as Uint16Array), new Uint16Array(heads * width)), dims);
}

function unsupported(where: string, found: string): PrumergeError {
  return new PrumergeError("UNSUPPORTED_MODEL", "a decoder graph of an unknown form", {
    expected: "inputs_embeds, attention_mask, position_ids and past_key_values.* of float32 or float16",
    found,
    where,
  });
}
