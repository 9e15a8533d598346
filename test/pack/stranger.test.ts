import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifest, root, StrangerProject } from "./stranger-project.js";

/** A port of this machine that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

function ask(project: StrangerProject, ...options: string[]) {
  const samples = join(project.installed, "models", "pocket-llava", "samples");
  const picture = readdirSync(samples).find((name) => name.endsWith(".png"))!;
  return project.prumerge(
    "ask",
    join(samples, picture),
    "What color is the background?",
    "--quiet",
    ...options,
  );
}

/** Whose install script wants a download: elsewhere it does nothing. */
const wantsDownload = process.platform === "linux" && process.arch === "x64";

describe("installed with install scripts on, where what they download cannot be reached", () => {
  const project = new StrangerProject();
  let scriptsRun = true;

  beforeAll(async () => {
    const [major] = project.succeed("npm", ["--version"]).split(".");
    scriptsRun = Number(major) < 12;
    // The script's own proxy, which npm does not know: the registry stays reachable.
    const proxy = `http://127.0.0.1:${await closedPort()}`;
    project.install([], { GLOBAL_AGENT_HTTPS_PROXY: proxy });
  });
  afterAll(() => project.remove());

  it("is there, says its version, and explains itself", () => {
    expect(project.prumerge("--version").stdout.trim()).toBe(manifest.version);
    expect(project.prumerge("--help").stdout).toContain("prumerge ask photo.jpg");
    expect(project.prumerge("ask", "--help").status).toBe(0);
    expect(project.prumerge("info").status).toBe(0);
  });

  it("lacks ONNX Runtime where its script has run and failed, and nowhere else", () => {
    const lacking = !project.packages().includes("onnxruntime-node");
    expect(lacking).toBe(wantsDownload && scriptsRun);
  });

  it("says what to do, and answers once that is done", () => {
    const first = ask(project);
    if (wantsDownload && scriptsRun) {
      expect([first.status, first.stdout]).toEqual([1, ""]);
      expect(first.stderr).toMatch(/^prumerge: ONNX Runtime is not installed: its install script has failed/);
      const command = /Run (ONNXRUNTIME_NODE_INSTALL=skip npm install) in your project/.exec(
        first.stderr,
      )?.[1];
      project.succeed("sh", ["-c", `${command!} --prefer-offline --loglevel=error`]);
      expect(project.packages()).toContain("onnxruntime-node");
    }
    const { status, stdout, stderr } = ask(project);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout.trim().length).toBeGreaterThan(1);
  });

  it.runIf(wantsDownload)("says how the library for CUDA is installed, by a script that is there", () => {
    const { status, stderr } = ask(project, "--device", "cuda");
    expect(status).toBe(2);
    const script = /ONNXRUNTIME_NODE_INSTALL=true node ('[^']+'|\S+),/.exec(stderr)![1]!.replaceAll("'", "");
    expect(existsSync(script)).toBe(true);
  });

  it("says what a queue needs, and finds that once it is installed", () => {
    const worker = () => project.prumerge("worker", "--queue", "redis://127.0.0.1:1", "--data", ".");
    const first = worker();
    expect(first.status).not.toBe(0);
    const command = /Run: (npm install \S+ \S+) /.exec(first.stderr)?.[1];
    const [program, ...words] = command!.split(" ");
    project.succeed(program!, [...words, "--ignore-scripts", "--prefer-offline", "--loglevel=error"], {
      environment: { ONNXRUNTIME_NODE_INSTALL: "skip" },
    });
    expect(worker().stderr).toContain("the queue's server does not answer");
  });
});

describe("installed into a project for browsers, by the override that docs/install.md names", () => {
  const project = new StrangerProject({ overrides: { "onnxruntime-node": "npm:onnxruntime-common@1.30.0" } });
  beforeAll(() => project.install(["--ignore-scripts"]));
  afterAll(() => project.remove());

  it("brings no libraries for Node, and has whole types", () => {
    expect(existsSync(join(project.path, "node_modules", "onnxruntime-node", "bin"))).toBe(false);
    const script = `import { loadModel } from "prumerge/browser";
      import type { LoadedModel } from "prumerge";
      export const open = (): Promise<unknown> => loadModel("/models/llava");
      export const patches = (model: LoadedModel): unknown => model.see;`;
    writeFileSync(join(project.path, "page.ts"), script);
    const options = ["--noEmit", "--strict", "--module", "esnext", "--moduleResolution", "bundler"];
    const types = [
      "--target",
      "es2022",
      "--lib",
      "es2023,dom,dom.iterable,esnext.disposable",
      "--types",
      "",
      "page.ts",
    ];
    project.succeed(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...options, ...types]);
  });
});
