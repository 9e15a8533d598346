/** What ffmpeg says of a file before it decodes it: estimates, which its header holds. */
export interface ClipHeader {
  /** Length of the longest stream. */
  readonly seconds?: number;
  readonly rate?: number;
  readonly width?: number;
  readonly height?: number;
  readonly sound: boolean;
}

/** Reads ffmpeg's log, written with levels (`level+info`), line by line. */
export class DecodeLog {
  /** When each frame is shown, seconds, in the order of decoding; NaN where the file does not say it. */
  readonly times: number[] = [];
  /** The size of the first frame, upright. */
  size: { readonly width: number; readonly height: number } | undefined;
  /** The first complaints, and how many there were. */
  readonly complaints: string[] = [];
  complained = 0;
  #seconds: number | undefined;
  #rate: number | undefined;
  #stored: readonly [number, number] | undefined;
  #sound = false;

  take(line: string): void {
    const frame = /\] n: *\d+ pts: *\S+ pts_time:(\S+).* s:(\d+)x(\d+)/.exec(line);
    if (frame !== null) {
      this.times.push(Number(frame[1])); // NOPTS is NaN
      this.size ??= { width: Number(frame[2]), height: Number(frame[3]) };
      return;
    }
    if (/\[(error|fatal|panic)\]/.test(line)) this.#complain(line);
    else this.#readHeader(line);
  }

  get header(): ClipHeader {
    const [width, height] = this.#stored ?? [];
    return {
      ...(this.#seconds !== undefined && { seconds: this.#seconds }),
      ...(this.#rate !== undefined && { rate: this.#rate }),
      ...(width !== undefined && height !== undefined && { width, height }),
      sound: this.#sound,
    };
  }

  #complain(line: string): void {
    this.complained++;
    const text = line.replace(/^(\[[^\]]*\] )*/, "").trim();
    if (this.complaints.length < 8 && !this.complaints.includes(text))
      this.complaints.push(text.slice(0, 200));
  }

  #readHeader(line: string): void {
    const length = /^\[info\] +Duration: (\d+):(\d\d):(\d\d\.\d+)/.exec(line);
    if (length !== null) {
      this.#seconds ??= Number(length[1]) * 3600 + Number(length[2]) * 60 + Number(length[3]);
      return;
    }
    if (!/^\[info\] +Stream #\d/.test(line)) return;
    if (/: Audio: /.test(line)) this.#sound = true;
    const size = /: Video: .*?, (\d+)x(\d+)[ ,]/.exec(line);
    if (size === null || this.#stored !== undefined || /\(attached pic\)|\(still image\)/.test(line)) return;
    this.#stored = [Number(size[1]), Number(size[2])];
    const rate = / ([\d.]+)(k?) fps/.exec(line);
    if (rate !== null) this.#rate = Number(rate[1]) * (rate[2] === "k" ? 1000 : 1);
  }
}
