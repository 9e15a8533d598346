import type { EncodedPacket } from "mediabunny";
import type { ClipFile } from "./clip-file.js";

/** What is done with each frame that comes out, by its time in microseconds; the frame is closed afterwards. */
export type FrameListener = (frame: VideoFrame) => void | Promise<void>;

/** Chunks that wait in a decoder; more would hold memory and gain nothing. */
const mostQueued = 8;

/**
 * Decodes frames of a clip: those at some times, each from the key frame before it, or all of them. Ends early where the
 * file is damaged: what came until then came.
 *
 * @param wanted ascending, microseconds; undefined: all
 * @throws what the listener throws; what the clip's deadline says
 */
export async function decodeFrames(
  { media, track, config, deadline }: ClipFile,
  wanted: readonly number[] | undefined,
  listen: FrameListener,
): Promise<void> {
  const decoding = new Decoding(config, listen);
  const sink = new media.EncodedPacketSink(track);
  try {
    if (wanted === undefined) {
      const first = await sink.getFirstKeyPacket(verified);
      for (let packet = first; packet !== null; packet = await sink.getNextPacket(packet)) {
        deadline.check();
        if (!(await decoding.feed(packet))) return;
      }
      await decoding.flush();
      return;
    }
    let fed: EncodedPacket | undefined;
    for (const time of wanted) {
      if (decoding.has(time)) continue;
      const key = await sink.getKeyPacket((time + 1) / 1e6, verified);
      if (key === null) continue;
      const ahead = fed === undefined || key.sequenceNumber > fed.sequenceNumber;
      if (ahead && fed !== undefined) await decoding.flush();
      let packet: EncodedPacket | null = ahead ? key : await sink.getNextPacket(fed!);
      for (; packet !== null && !decoding.has(time); packet = await sink.getNextPacket(packet)) {
        deadline.check();
        fed = packet;
        if (!(await decoding.feed(packet))) return;
      }
      if (packet === null) await decoding.flush();
    }
  } finally {
    await decoding.close();
  }
}

/** Containers may take any frame for a key frame. */
const verified = { verifyKeyPackets: true } as const;

/** One decoder, and what has come out of it. */
class Decoding {
  readonly #decoder: VideoDecoder;
  readonly #times = new Set<number>();
  #work: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;
  #broken = false;

  constructor(config: VideoDecoderConfig, listen: FrameListener) {
    this.#decoder = new VideoDecoder({
      output: (frame) => {
        this.#times.add(frame.timestamp);
        this.#work = this.#work.then(async () => {
          try {
            if (this.#failure === undefined) await listen(frame);
          } catch (error) {
            this.#failure ??= { error };
          } finally {
            frame.close();
          }
        });
      },
      error: () => {
        this.#broken = true;
      },
    });
    this.#decoder.configure(config);
  }

  has(time: number): boolean {
    return this.#times.has(time);
  }

  /** @returns false where the decoder has given up */
  async feed(packet: EncodedPacket): Promise<boolean> {
    if (this.#broken) return false;
    try {
      this.#decoder.decode(packet.toEncodedVideoChunk());
    } catch {
      return false;
    }
    while (this.#decoder.decodeQueueSize > mostQueued && !this.#broken) await nextTurn(this.#decoder);
    await this.#settle();
    return !this.#broken;
  }

  async flush(): Promise<void> {
    // What breaks it off has been said already, by the decoder's error.
    if (!this.#broken) await this.#decoder.flush().catch(() => undefined);
    await this.#settle();
  }

  async close(): Promise<void> {
    await this.#work;
    if (this.#decoder.state !== "closed") this.#decoder.close();
  }

  async #settle(): Promise<void> {
    await this.#work;
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

/** Until the decoder has taken one more chunk; it may break meanwhile, which nothing tells here. */
function nextTurn(decoder: VideoDecoder): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 20);
    decoder.addEventListener(
      "dequeue",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
