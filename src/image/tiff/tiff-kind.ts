import { PrumergeError } from "../../errors.js";
import { readTiffDirectory, type TiffDirectory } from "./tiff-directory.js";
import { type Conversion, libtiffConversion, pillowConversion } from "./ycbcr.js";

/** What is done with a TIFF file beyond handing it to sharp. */
export interface TiffKind {
  /** The file, or a copy with a word that libtiff stumbles over put right. */
  readonly bytes: Uint8Array;
  /** The fourth channel (the second of grey) is not opacity but unspecified, and so ignored. */
  readonly dropsExtra: boolean;
  /** Where the three channels are luma and chroma. */
  readonly convert?: Conversion;
}

const tags = {
  bits: 258,
  compression: 259,
  photometric: 262,
  orientation: 274,
  samples: 277,
  planes: 284,
  extra: 338,
  sampleFormat: 339,
  subsampling: 530,
};

const uncompressed = 1;
const jpeg = 7;

/** What sharp unpacks, by TIFF's numbers: none, three of fax, LZW, JPEG, deflate (two numbers), PackBits. */
const compressions = [uncompressed, 2, 3, 4, 5, jpeg, 8, 32946, 32773];

const compressionNames: Readonly<Record<number, string>> = {
  6: "old-style JPEG",
  32809: "ThunderScan",
  34676: "SGILog",
  34677: "SGILog24",
  34712: "JPEG 2000",
  34887: "LERC",
  34925: "LZMA",
  50000: "Zstandard",
  50001: "WebP",
  50002: "JPEG XL",
};

interface Colours {
  readonly name: string;
  readonly channels: number;
  readonly bits: readonly number[];
}

const grey: Colours = { name: "grey", channels: 1, bits: [1, 2, 4, 8, 16, 32] };
const ycbcr: Colours = { name: "YCbCr", channels: 3, bits: [8] };

/** By photometric interpretation. */
const colours: Readonly<Record<number, Colours | undefined>> = {
  0: grey,
  1: grey,
  2: { name: "RGB", channels: 3, bits: [8, 16] },
  3: { name: "palette", channels: 1, bits: [1, 2, 4, 8] },
  5: { name: "CMYK", channels: 4, bits: [8, 16] },
  6: ycbcr,
};

const otherColours: Readonly<Record<number, string>> = {
  4: "transparency mask",
  8: "CIELab",
  9: "ICCLab",
  10: "ITULab",
  32803: "colour filter array (a camera's raw picture)",
  32844: "LogL",
  32845: "LogLuv",
  34892: "linear raw",
};

/**
 * Looks whether a TIFF file's first picture is of a kind that decodes to what Pillow shows; sharp passes others on with
 * wrong colours or black.
 *
 * @throws PrumergeError INVALID_IMAGE for other kinds, by name
 */
export function readTiffKind(bytes: Uint8Array, where: string): TiffKind {
  const directory = readTiffDirectory(bytes);
  // What has no directory is refused where it is decoded.
  if (directory === undefined) return { bytes, dropsExtra: false };
  const one = (tag: number, otherwise: number) => directory.numbers(tag, 1)?.[0] ?? otherwise;
  const refuse = (what: string, expected: string, found: string): never => {
    throw new PrumergeError("INVALID_IMAGE", `a TIFF file with ${what}`, {
      where,
      expected,
      found,
      help: "Save the picture as PNG",
    });
  };
  const compression = one(tags.compression, uncompressed);
  if (!compressions.includes(compression)) {
    const found = compressionNames[compression] ?? `number ${compression}`;
    refuse(
      "a compression that is not read",
      "none, LZW, deflate, PackBits, JPEG, or fax (groups 3 and 4)",
      found,
    );
  }
  const photometric = one(tags.photometric, 0);
  const kind =
    colours[photometric] ??
    refuse(
      "colours that are not read",
      "grey, RGB, palette, CMYK or YCbCr",
      otherColours[photometric] ?? `photometric interpretation ${photometric}`,
    );
  const samples = one(tags.samples, 1);
  if (samples < kind.channels || samples > kind.channels + 1) {
    refuse(
      samples < kind.channels ? "too few channels" : "channels beyond colour and transparency",
      `${kind.channels} of ${kind.name}, with or without one more`,
      `${samples}`,
    );
  }
  const bits = directory.numbers(tags.bits, samples) ?? [1];
  const format = one(tags.sampleFormat, 1);
  const signed = format !== 1 && !(kind === grey && bits[0] === 32 && format <= 3);
  if (signed || bits.some((count) => count !== bits[0]) || !kind.bits.includes(bits[0])) {
    const formats: Readonly<Record<number, string>> = { 1: "unsigned", 2: "signed", 3: "floating point" };
    refuse(
      "numbers that are not read",
      `${kind.bits.join(", ")} unsigned bits for ${kind.name}`,
      `${bits.join(", ")} ${formats[format] ?? `of format ${format}`}`,
    );
  }
  return {
    bytes: withKnownOrientation(bytes, directory),
    dropsExtra: samples > kind.channels && directory.numbers(tags.extra, 1)?.[0] === 0,
    // libjpeg hands out RGB.
    ...(kind === ycbcr && compression !== jpeg && { convert: conversionOf() }),
  };

  function conversionOf(): Conversion {
    if (one(tags.planes, 1) !== 1)
      refuse("YCbCr in separate planes", "one plane, or JPEG compression", "three");
    const [across, down] = directory!.numbers(tags.subsampling, 2) ?? [2, 2];
    if (across !== 1 || down !== 1) {
      refuse("YCbCr of fewer chroma samples", "1 x 1, or JPEG compression", `${across} x ${down}`);
    }
    return compression === uncompressed ? pillowConversion() : libtiffConversion(directory!);
  }
}

/** libtiff refuses a file for an orientation that Pillow takes for upright. */
function withKnownOrientation(bytes: Uint8Array, directory: TiffDirectory): Uint8Array {
  const entry = directory.entries.get(tags.orientation);
  const value = directory.numbers(tags.orientation, 1)?.[0];
  if (entry === undefined || value === undefined || (value >= 1 && value <= 8) || entry.type !== 3)
    return bytes;
  // A Buffer's own `slice` does not copy.
  const copy = new Uint8Array(bytes);
  new DataView(copy.buffer).setUint16(entry.at, 1, directory.littleEndian);
  return copy;
}
