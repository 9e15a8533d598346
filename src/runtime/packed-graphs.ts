import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat, statfs } from "node:fs/promises";
import { arch, cpus } from "node:os";
import { dirname, join, resolve } from "node:path";
import { PrumergeError } from "../errors.js";
import { runtimeVersion } from "./installed-runtime.js";

const graphName = "graph.onnx";

/** Of the file beside it, which is mapped. */
export const packedDataName = "graph.onnx_data";

/**
 * Weights of fewer bytes stay in the graph, and are packed anew by every process: ONNX Runtime aligns only what is larger than a mebibyte,
 * and its kernels read packed weights wrongly that are not aligned.
 */
export const leastPackedBytes = 1.5 * 2 ** 20;

/** What its kernels align to at most, with some to spare. */
const packedAlignment = 256;

/** Of a graph's weights, what the packed file takes at most: they stand in it as they are, and once more packed. */
const packedShare = 2.5;

/**
 * The graph at `path`, or of `bytes` over the weights beside it, with its weights in the layout that this processor multiplies by:
 * made once, found again from then on by any process.
 *
 * @param folder in which packed graphs are kept, each in a folder named by the graph, its weights' files, the processor and the runtime
 * @param pack writes the graph to a path, and its weights beside it, in a file of {@link packedDataName}
 * @returns path of the graph to open
 * @throws PrumergeError DISK_FULL; NOT_FOUND where there is no graph; what `pack` throws
 */
export async function packedGraph(
  folder: string,
  path: string,
  bytes: Uint8Array | undefined,
  pack: (to: string) => Promise<void>,
): Promise<string> {
  const graph =
    bytes ??
    (await readFile(path).catch((cause: unknown) => {
      throw new PrumergeError("NOT_FOUND", "there is no graph", { where: path, cause });
    }));
  const weights = await weightsOf(graph, dirname(path));
  const home = join(resolve(folder), keyOf(graph, weights));
  const found = join(home, graphName);
  if (await isFile(found)) return found;
  await mkdir(folder, { recursive: true });
  await removeLeft(folder);
  await checkRoom(folder, weights);
  const staging = join(resolve(folder), `${stagingPrefix}${process.pid}-${randomBytes(6).toString("hex")}`);
  try {
    await mkdir(staging);
    await pack(join(staging, graphName));
    await checkAligned(join(staging, graphName), path);
    for (const name of await readdir(staging)) await sync(join(staging, name));
    await rename(staging, home).catch(async (error: unknown) => {
      // Another process was faster.
      if (!(await isFile(found))) throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return found;
}

/** A graph says where its packed weights lie: `...|offset;length;...`. */
async function checkAligned(graph: string, where: string): Promise<void> {
  const text = await readFile(graph, "latin1");
  const odd = [...text.matchAll(/\|(\d+);\d+;/g)].find(
    ([, offset]) => Number(offset) % packedAlignment !== 0,
  );
  if (odd === undefined) return;
  throw new PrumergeError("RUNTIME", "ONNX Runtime wrote packed weights that it would read wrongly", {
    expected: `offsets that are multiples of ${packedAlignment}`,
    found: odd[1]!,
    where,
    help: "Leave weights in memory: without packed weights",
  });
}

interface WeightsFile {
  readonly path: string;
  readonly bytes: number;
  readonly changed: number;
}

/** A graph names its weight files in plain text, relative to itself; which of those beside it they are is all that is asked. */
async function weightsOf(graph: Uint8Array, folder: string): Promise<WeightsFile[]> {
  const text = Buffer.from(graph.buffer, graph.byteOffset, graph.byteLength).toString("latin1");
  const names = (await readdir(folder)).filter((name) => name.includes("_data") && text.includes(name));
  return Promise.all(
    names.sort().map(async (name) => {
      const path = join(folder, name);
      const { size, mtimeMs } = await stat(path);
      return { path, bytes: size, changed: mtimeMs };
    }),
  );
}

function keyOf(graph: Uint8Array, weights: readonly WeightsFile[]): string {
  const about = { weights, runtime: runtimeVersion(), processor: cpus()[0]?.model, arch: arch() };
  return createHash("sha256").update(JSON.stringify(about)).update(graph).digest("hex").slice(0, 32);
}

const stagingPrefix = ".packing-";

/** What processes left that were ended while they packed. */
async function removeLeft(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, pid] = /^\.packing-(\d+)-/.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid)))
      await rm(join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function checkRoom(folder: string, weights: readonly WeightsFile[]): Promise<void> {
  const needed = packedShare * weights.reduce((sum, { bytes }) => sum + bytes, 0);
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= needed) return;
  throw new PrumergeError("DISK_FULL", "not enough room for packed weights", {
    expected: `${(needed / 1e9).toFixed(2)} GB free`,
    found: `${((bavail * bsize) / 1e9).toFixed(2)} GB`,
    where: folder,
    help: "Free some space, or name another folder",
  });
}

/** A file that is there is whole, also after a power failure. */
async function sync(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function isFile(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  return info?.isFile() === true;
}
