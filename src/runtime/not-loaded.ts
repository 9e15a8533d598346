import { PrumergeError } from "../errors.js";

/** Where a program runs. */
export interface Machine {
  /** As `process.platform` and `process.arch`. */
  readonly platform: string;
  readonly arch: string;
  /** Version of glibc on Linux; undefined where its C library is another, such as Alpine's musl. */
  readonly glibc: string | undefined;
}

/** What ONNX Runtime 1.30 comes built for, in `bin/` of its package. */
const builds = ["linux x64", "linux arm64", "darwin arm64", "win32 x64", "win32 arm64"];

/** What its libraries ask of Linux (`objdump -T`). */
const oldestGlibc = "2.28";

/** Asked only when something has gone wrong: a report takes a moment. */
export function thisMachine(): Machine {
  const { platform, arch } = process;
  if (platform !== "linux") return { platform, arch, glibc: undefined };
  const report = process.report as typeof process.report & { excludeNetwork?: boolean };
  report.excludeNetwork = true;
  const { header } = report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return { platform, arch, glibc: header.glibcVersionRuntime };
}

/** What kept ONNX Runtime from loading, and what to do about it. */
export function whyNotLoaded(cause: unknown, machine: Machine): PrumergeError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const [summary, details] = explain(message.split("\n")[0]!, machine);
  return new PrumergeError("RUNTIME", summary, { ...details, cause });
}

type Explanation = readonly [
  summary: string,
  details: { readonly expected?: string; readonly found?: string; readonly help: string },
];

const elsewhere = "docs/install.md lists what runs where; prumerge/browser needs a browser alone";

function explain(message: string, { platform, arch, glibc }: Machine): Explanation {
  if (!builds.includes(`${platform} ${arch}`)) {
    const mac =
      platform === "darwin" ? "On a Mac with an Apple processor, install Node for arm64; on " : "On ";
    const others = platform === "darwin" ? "an Intel Mac" : "this machine";
    return [
      "ONNX Runtime is not built for this kind of machine",
      {
        expected: builds.join(", "),
        found: `${platform} ${arch}`,
        help: `${mac}${others}, use a Linux container (node:22-bookworm-slim) or another machine; ${elsewhere}`,
      },
    ];
  }
  if (platform === "linux" && glibc === undefined) {
    return [
      "ONNX Runtime does not run on this Linux: its C library is musl, as Alpine's is",
      {
        expected: `glibc ${oldestGlibc} or later`,
        help: `Use an image such as node:22-bookworm-slim; ${elsewhere}`,
      },
    ];
  }
  if (/\bGLIBC(XX)?_[\d.]+\W+not found/.test(message)) {
    return [
      "this Linux is too old for ONNX Runtime",
      { expected: `glibc ${oldestGlibc} or later`, found: `glibc ${glibc}; ${message}`, help: elsewhere },
    ];
  }
  if (/Cannot find (package|module) '(onnxruntime-node|onnxruntime-common)/.test(message)) {
    const again = "npm install";
    return [
      "ONNX Runtime is not installed: its install script has failed, or optional packages were left out",
      {
        found: "no package onnxruntime-node",
        help:
          platform === "linux" && arch === "x64"
            ? `Run ONNXRUNTIME_NODE_INSTALL=skip ${again} in your project (with -g prumerge, where it was installed so): it leaves out the download for NVIDIA's GPUs, which the script wants from api.nuget.org and the CPU does not need; docs/install.md`
            : `Run ${again} in your project, without --omit=optional; docs/install.md`,
      },
    ];
  }
  if (/Cannot find module .*onnxruntime_binding\.node/.test(message)) {
    return [
      "ONNX Runtime's library is missing from its package",
      {
        found: message,
        help: "Install it again (npm install --force onnxruntime-node@1.30.0); a bundler must leave onnxruntime-node external, since it brings files of its own",
      },
    ];
  }
  if (platform === "win32") {
    return [
      "ONNX Runtime does not load",
      {
        found: message,
        help: "Install Microsoft's Visual C++ Redistributable (aka.ms/vs/17/release/vc_redist)",
      },
    ];
  }
  const library = /(lib[\w+.-]+\.so[.\d]*): cannot open shared object file/.exec(message)?.[1];
  return [
    "ONNX Runtime does not load",
    {
      found: message,
      help: library?.startsWith("libstdc++")
        ? "Install the package libstdc++6 (Debian), libstdc++ (Fedora) or gcc-libs (Arch)"
        : "Install it again (npm install --force onnxruntime-node@1.30.0); docs/install.md",
    },
  ];
}
