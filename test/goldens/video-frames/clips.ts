import { join } from "node:path";
import { PrumergeError } from "../../../src/errors.js";
import type { Picture } from "../../../src/image/picture.js";
import { openVideo } from "../../../src/video/open-video.js";
import type { FrameSampling } from "../../../src/video/sampling.js";
import type { VideoFrames } from "../../../src/video/video.js";
import { readFixture } from "../../support/safetensors.js";
import { type CaseResult, caseResult } from "../outcome.js";
import type { RecordedCase } from "../recorded-case.js";
import { readCode, stripOf } from "./codes.js";

interface Reader {
  readonly codes?: readonly number[];
  readonly decoded?: number;
  readonly times_s?: readonly number[];
  readonly error_while_decoding?: object | null;
  readonly turn_needed_deg_clockwise?: number | null;
  readonly error?: object;
}

interface Expected {
  readonly pyav: Reader & { readonly stored_size?: readonly [number, number] };
  readonly opencv_sequential: Reader & { readonly returned_size?: readonly [number, number] };
  readonly pillow?: Reader;
  readonly hf_docstring_reader_8: {
    readonly codes?: readonly number[];
    readonly indices?: readonly number[];
  };
  readonly decord: {
    readonly error?: object;
    readonly length?: number;
    readonly linspace8_indices?: readonly number[];
    readonly linspace8_codes?: readonly number[];
    readonly returned_size?: readonly [number, number];
  };
  readonly pyav_rgb24_at_linspace8?: string;
}

export type ClipCase = RecordedCase<
  { readonly encoded_frames: number | null; readonly durations_ms?: readonly number[] },
  Expected
>;

const linspace: FrameSampling = { rule: "linspace", count: 8 };
const arange: FrameSampling = { rule: "arange", count: 8, once: true };

/** Another decoder's colours, in levels of 255. */
const colours = 6;

/** Reads a clip as the product does and compares with the readers that read it whole; where all fail, ours refuses or says what is missing. */
export async function replayClip(folder: string, test: ClipCase): Promise<CaseResult> {
  const path = join(folder, test.inputs.file);
  const { pyav, decord, pillow, opencv_sequential, hf_docstring_reader_8 } = test.expected as Expected;
  if (test.expected_error !== null) return refused(test.name, path);
  const whole = pyav.decoded ? pyav : pillow!;
  const all = await read(path, { rule: "linspace", count: pillow?.decoded ?? whole.decoded! });
  const misses: string[] = [];
  const damaged = whole.error_while_decoding != null;
  const codes = all.frames.map(readCode);
  if (damaged) return caseResult(test.name, true, await damagedMisses(path, whole));
  misses.push(...differs("codes", codes, whole.codes!), ...differs("frames", [all.total], [whole.decoded!]));
  if (whole.times_s?.length) {
    const late = whole.times_s.map((time) => time - whole.times_s![0]!);
    const worst = Math.max(...late.map((time, at) => Math.abs(time - (all.seconds?.[at] ?? Number.NaN))));
    if (!(worst <= 0.0011)) misses.push(`times off by ${worst}`);
  }
  if (!all.frames.every((frame) => isUpright(frame))) misses.push("a frame is not upright");
  const size = decord.returned_size ?? opencv_sequential.returned_size;
  if (size) misses.push(...differs("size", [all.frames[0]!.width, all.frames[0]!.height], size));
  if (decord.error === undefined) {
    const taken = await read(path, linspace);
    misses.push(...differs("linspace", taken.indices, decord.linspace8_indices!));
    misses.push(...differs("linspace codes", taken.frames.map(readCode), decord.linspace8_codes!));
    const pixels = test.expected.pyav_rgb24_at_linspace8;
    if (pixels !== undefined) misses.push(...pixelMisses(folder, pixels, taken.frames));
  }
  if (hf_docstring_reader_8.codes !== undefined) {
    const taken = await read(path, arange);
    misses.push(...differs("arange codes", taken.frames.map(readCode), hf_docstring_reader_8.codes));
  }
  const cutOff = /truncated/.test(test.inputs.file);
  if (cutOff !== all.notes.length > 0) misses.push(`notes: ${all.notes.join(" ") || "none"}`);
  return caseResult(test.name, true, misses);
}

function read(path: string, sampling: FrameSampling): Promise<VideoFrames> {
  return openVideo(path).take(sampling);
}

/** A clip that recorded readers give up on in the middle: what comes before is the same, and ours says so. */
async function damagedMisses(path: string, recorded: Reader): Promise<string[]> {
  const { total, notes } = await read(path, linspace);
  const all = await read(path, { rule: "linspace", count: total });
  const before = recorded.codes!.slice(0, -1); // the last may be what the reader gave up on
  const codes = all.frames.map(readCode);
  return [
    ...differs("codes", codes.slice(0, before.length), before),
    ...(notes.length === 1 ? [] : ["no note of the damage"]),
  ];
}

async function refused(name: string, path: string): Promise<CaseResult> {
  try {
    const { total } = await read(path, linspace);
    return caseResult(name, true, [`${total} frames where all readers fail`]);
  } catch (error) {
    const known = PrumergeError.isInstance(error) && error.code === "INVALID_VIDEO";
    return caseResult(name, true, known ? [] : [`refused otherwise: ${String(error)}`]);
  }
}

function isUpright(frame: Picture): boolean {
  const [left, right] = stripOf(frame);
  return left![0]! > 120 && left![1]! < 110 && right![1]! > 120 && right![0]! < 110;
}

function pixelMisses(folder: string, name: string, frames: readonly Picture[]): string[] {
  const recorded = readFixture(join(folder, "clip-pixels.safetensors")).get(name.split(":").at(-1)!)!;
  const theirs = recorded.data as Uint8Array;
  const ours = frames.flatMap(({ data }) => [...data]);
  if (theirs.length !== ours.length) return [`${ours.length} bytes for ${theirs.length}`];
  const far = ours.filter((value, at) => Math.abs(value - theirs[at]!) > colours).length;
  return far <= ours.length / 1000 ? [] : [`${far} of ${ours.length} values are off by more than ${colours}`];
}

function differs(what: string, ours: readonly number[], recorded: readonly number[]): string[] {
  return ours.join() === recorded.join() ? [] : [`${what} ${ours.join(" ")} for ${recorded.join(" ")}`];
}
