import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkDevice, checkProvider, deviceHelp, missingLibraries } from "./device.js";
import { runtimeFolders, runtimeVersion } from "./installed-runtime.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "prumerge-device-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const installed = existsSync(join(runtimeFolders().libraries, "libonnxruntime_providers_cuda.so"));

describe.runIf(process.platform === "linux" && process.arch === "x64" && !installed)("cuda", () => {
  it("says how its library is installed, where it is not", async () => {
    const script = join(runtimeFolders().own, "script", "install.js");
    expect(existsSync(script)).toBe(true); // the command is one that can be run
    await expect(checkDevice("cuda")).rejects.toMatchObject({
      code: "INVALID_OPTION",
      details: {
        where: "device",
        help: expect.stringContaining(`ONNXRUNTIME_NODE_INSTALL=true node ${script}`),
      },
    });
    await expect(checkDevice("tensorrt")).rejects.toThrow("library for tensorrt is not installed");
  });
});

it("a device whose libraries are there is let through", async () => {
  const libraries = join(folder, "bin");
  mkdirSync(libraries);
  for (const part of ["shared", "cuda"]) {
    await expect(checkProvider("cuda", folder, libraries)).rejects.toThrow(
      `libonnxruntime_providers_${part}.so`,
    );
    writeFileSync(join(libraries, `libonnxruntime_providers_${part}.so`), "");
  }
  await checkProvider("cuda", folder, libraries);
});

it("a folder with a space is quoted in the command", async () => {
  await expect(checkProvider("cuda", "/my project/ort", folder)).rejects.toThrow(
    "node '/my project/ort/script/install.js'",
  );
});

const hasCompiler = () => {
  try {
    return execFileSync("gcc", ["--version"]).length > 0;
  } catch {
    return false;
  }
};

it.runIf(process.platform === "linux" && hasCompiler())(
  "libraries that the loader does not find are named",
  async () => {
    const at = (name: string) => join(folder, name);
    writeFileSync(at("a.c"), "int cublas(void) { return 1; }");
    writeFileSync(at("b.c"), "int cublas(void); int cuda(void) { return cublas(); }");
    execFileSync("gcc", [
      "-shared",
      "-fPIC",
      "-Wl,-soname,libcublas.so.12",
      "-o",
      at("libcublas.so.12"),
      at("a.c"),
    ]);
    execFileSync("gcc", [
      "-shared",
      "-fPIC",
      "-o",
      at("libcuda_provider.so"),
      at("b.c"),
      at("libcublas.so.12"),
    ]);
    rmSync(at("libcublas.so.12"));
    expect(await missingLibraries(at("libcuda_provider.so"))).toEqual(["libcublas.so.12"]);
    expect(await missingLibraries(at("nowhere.so"))).toEqual([]);
  },
);

it("other devices have no such advice, and the version needs no loading", async () => {
  expect(await deviceHelp("cpu")).toBe(undefined);
  expect(await deviceHelp("webgpu")).toBe(undefined);
  expect(runtimeVersion()).toMatch(/^\d+\.\d+\.\d+$/);
});
