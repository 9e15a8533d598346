import { expect, it } from "vitest";
import { type Machine, thisMachine, whyNotLoaded } from "./not-loaded.js";

const linux: Machine = { platform: "linux", arch: "x64", glibc: "2.36" };
const musl: Machine = { platform: "linux", arch: "x64", glibc: undefined };
const absent = "Cannot find package 'onnxruntime-node' imported from /app/dist/runtime/load-runtime.js";
const noBinding = "Cannot find module '../bin/napi-v6/darwin/x64/onnxruntime_binding.node'";

it.each<[string, string, Machine, RegExp]>([
  [
    "an Intel Mac",
    noBinding,
    { platform: "darwin", arch: "x64", glibc: undefined },
    /not built for.*darwin arm64.*found darwin x64.*Intel Mac.*Linux container.*install\.md/,
  ],
  [
    "FreeBSD",
    absent,
    { platform: "freebsd", arch: "x64", glibc: undefined },
    /not built for.*found freebsd x64/,
  ],
  [
    "a 32-bit Raspberry Pi",
    absent,
    { platform: "linux", arch: "arm", glibc: "2.31" },
    /not built for.*found linux arm/,
  ],
  [
    "32-bit Windows",
    absent,
    { platform: "win32", arch: "ia32", glibc: undefined },
    /not built for.*found win32 ia32/,
  ],
  [
    "Alpine",
    "Error loading shared library ld-linux-x86-64.so.2: No such file or directory",
    musl,
    /musl.*glibc 2\.28.*bookworm-slim/,
  ],
  [
    "Alpine with gcompat",
    "Error relocating libonnxruntime.so.1: __memcpy_chk: symbol not found",
    musl,
    /musl/,
  ],
  ["Alpine, with the package left out", absent, musl, /musl/],
  [
    "an old Debian",
    "/lib/x86_64-linux-gnu/libm.so.6: version `GLIBC_2.27' not found (required by libonnxruntime.so.1)",
    { ...linux, glibc: "2.24" },
    /too old.*expected glibc 2\.28.*found glibc 2\.24/,
  ],
  [
    "an old C++ library",
    "/usr/lib64/libstdc++.so.6: version `GLIBCXX_3.4.21' not found",
    { ...linux, glibc: "2.17" },
    /too old/,
  ],
  [
    "a failed install script",
    absent,
    linux,
    /not installed.*Run ONNXRUNTIME_NODE_INSTALL=skip npm install.*api\.nuget\.org/,
  ],
  [
    "packages left out on Windows",
    absent,
    { platform: "win32", arch: "x64", glibc: undefined },
    /not installed.*without --omit=optional/,
  ],
  ["half a package", "Cannot find module 'onnxruntime-common'\nRequire stack:\n- /x", linux, /not installed/],
  [
    "a bundler",
    noBinding.replace("darwin", "linux"),
    linux,
    /library is missing from its package.*bundler.*external/,
  ],
  [
    "Windows without its C++ library",
    "The specified module could not be found.",
    { platform: "win32", arch: "x64", glibc: undefined },
    /Visual C\+\+/,
  ],
  [
    "an image without a C++ library",
    "libstdc++.so.6: cannot open shared object file: No such file or directory",
    linux,
    /found libstdc\+\+\.so\.6.*libstdc\+\+6 \(Debian\)/,
  ],
  [
    "a damaged library",
    "libonnxruntime.so.1: file too short",
    linux,
    /does not load.*file too short.*npm install --force/,
  ],
])("%s is told what is wrong and what to do", (_, message, machine, expected) => {
  const cause = new Error(message);
  const error = whyNotLoaded(cause, machine);
  expect(error.message).toMatch(expected);
  expect([error.code, error.cause]).toEqual(["RUNTIME", cause]);
  expect(error.details.help).toContain(
    machine.platform === "win32" && !message.includes("package") ? "aka.ms" : "",
  );
});

it.runIf(process.platform === "linux")("knows the C library of this machine", () => {
  const { glibc, ...rest } = thisMachine();
  expect(rest).toEqual({ platform: process.platform, arch: process.arch });
  expect(glibc).toMatch(/^2\.\d+/);
});
