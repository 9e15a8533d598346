import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { PrumergeError } from "../errors.js";
import { runtimeFolders } from "./installed-runtime.js";
import { loadRuntime } from "./load-runtime.js";

/** Devices that this build of ONNX Runtime carries, without any library to add. */
export async function availableDevices(): Promise<string[]> {
  const { listSupportedBackends } = await loadRuntime();
  return listSupportedBackends()
    .filter((backend) => backend.bundled)
    .map((backend) => backend.name);
}

/**
 * Refuses a device that this ONNX Runtime lacks, or whose library is not there yet.
 *
 * @throws PrumergeError INVALID_OPTION with what to do
 */
export async function checkDevice(device: string): Promise<void> {
  if (device === "cpu") return;
  const { listSupportedBackends } = await loadRuntime();
  const backend = listSupportedBackends().find(({ name }) => name === device);
  if (backend === undefined) {
    throw new PrumergeError("INVALID_OPTION", "this ONNX Runtime has no such device", {
      expected: (await availableDevices()).join(" or "),
      found: JSON.stringify(device),
      where: "device",
      ...(device === "cuda" && { help: "CUDA is there on Linux x64 alone; docs/install.md" }),
    });
  }
  if (backend.bundled) return;
  const { own, libraries } = runtimeFolders();
  await checkProvider(device, own, libraries);
}

/**
 * Refuses a device whose library has not been downloaded: it is too large for a package of npm.
 *
 * @param own folder of ONNX Runtime's package
 * @param libraries its folder with the libraries for this machine
 */
export async function checkProvider(device: string, own: string, libraries: string): Promise<void> {
  for (const part of ["shared", device]) {
    const path = providerPath(libraries, part);
    if ((await stat(path).catch(() => undefined))?.isFile()) continue;
    throw new PrumergeError("INVALID_OPTION", `ONNX Runtime's library for ${device} is not installed`, {
      expected: path,
      found: "no such file",
      where: "device",
      help: `Run: ONNXRUNTIME_NODE_INSTALL=true node ${quote(join(own, "script", "install.js"))}, which takes it from api.nuget.org; CUDA and cuDNN 9 must be there, too: docs/install.md`,
    });
  }
}

/** What a session on a device was refused for, as far as it is the machine's fault; undefined where that is not known. */
export async function deviceHelp(device: string): Promise<string | undefined> {
  if (device !== "cuda" && device !== "tensorrt") return undefined;
  const { libraries } = runtimeFolders();
  const missing = await missingLibraries(providerPath(libraries, device));
  if (missing.length === 0)
    return "nvidia-smi must show a GPU, and its driver must be made for the CUDA in use; docs/install.md";
  return `It needs ${missing.join(", ")}: install that version of CUDA and cuDNN, and name their folder in LD_LIBRARY_PATH; docs/install.md`;
}

/** Libraries that another asks for and that the system's loader does not find. */
export async function missingLibraries(path: string): Promise<string[]> {
  const output = await promisify(execFile)("ldd", [path]).catch(() => ({ stdout: "" }));
  const names = [...output.stdout.matchAll(/^\s*(\S+) => not found/gm)].map(([, name]) => name!);
  return names.filter((name) => !name.startsWith("libonnxruntime"));
}

function providerPath(libraries: string, part: string): string {
  return join(libraries, `libonnxruntime_providers_${part}.so`);
}

/** For a POSIX shell, only where it needs it. */
function quote(text: string): string {
  return /^[\w@%+=:,./~-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
