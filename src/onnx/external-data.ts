import { realpath } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { PrumergeError } from "../errors.js";
import { type TensorProto, TensorProto_DataLocation } from "./schema/onnx_pb.js";

/** Where a tensor's bytes lie outside of its model. */
export interface ExternalData {
  /** Relative to the model's folder, as written; checked by its form. */
  readonly location: string;
  /** First byte. */
  readonly offset: number;
  /** Undefined: up to what the shape needs. */
  readonly byteLength: number | undefined;
}

/** Longest path that a model may name; the usual limit of file systems. */
const longestLocation = 4096;

/**
 * A tensor's external data, or undefined where the model holds it.
 *
 * @throws PrumergeError UNSAFE_PATH where the location leaves the folder, INVALID_FILE for bad numbers
 */
export function externalDataOf(tensor: TensorProto, where: string): ExternalData | undefined {
  if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL) return undefined;
  const at = `${where}: tensor ${JSON.stringify(tensor.name)}`;
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get("location");
  if (location === undefined) {
    throw new PrumergeError("INVALID_FILE", "external data without a location", { where: at });
  }
  checkLocation(location, at);
  const number = (key: "offset" | "length") => {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value)) return value;
    throw new PrumergeError("INVALID_FILE", `external data with an impossible ${key}`, {
      where: at,
      expected: "a whole number of bytes",
      found: JSON.stringify(text.slice(0, 40)),
    });
  };
  return { location, offset: number("offset") ?? 0, byteLength: number("length") };
}

/**
 * Refuses a location that is not a plain relative path below its folder, on any operating system.
 *
 * @throws PrumergeError UNSAFE_PATH
 */
export function checkLocation(location: string, where: string): void {
  const steps = location.split(/[/\\]/);
  const safe =
    location.length <= longestLocation &&
    !location.includes("\0") &&
    !/^[A-Za-z]:/.test(location) &&
    steps.every((step) => step !== "" && step !== "." && step !== "..");
  if (!safe) {
    throw new PrumergeError("UNSAFE_PATH", "external data that leaves the model's folder", {
      where,
      expected: "a relative path below the folder",
      found: JSON.stringify(location.slice(0, 200)),
    });
  }
}

/**
 * The real file behind a location. Links are followed and must end in the folder of the model as it is named or as it
 * really lies (download caches link both files to one folder elsewhere).
 *
 * @throws PrumergeError UNSAFE_PATH, NOT_FOUND
 */
export async function resolveExternalFile(modelPath: string, location: string): Promise<string> {
  checkLocation(location, modelPath);
  const named = join(dirname(modelPath), ...location.split(/[/\\]/));
  const [file, folder, model] = await Promise.all(
    [named, dirname(modelPath), modelPath].map((path) =>
      realpath(path).catch((cause: unknown) => {
        const help = `The model ${basename(modelPath)} keeps weights in it; copy both.`;
        throw new PrumergeError("NOT_FOUND", "cannot be read", { where: path, help, cause });
      }),
    ),
  );
  const below = (root: string) => file!.startsWith(root.endsWith(sep) ? root : root + sep);
  if (below(folder!) || below(dirname(model!))) return file!;
  throw new PrumergeError("UNSAFE_PATH", "external data that leaves the model's folder through a link", {
    where: named,
    expected: `a file below ${folder}`,
    found: file!,
  });
}
