import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import OpenAI from "openai";

/** A `prumerge serve` that encodes and reduces here and lets a vLLM answer. */
export interface EncoderServer {
  readonly client: OpenAI;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** @param backend the vLLM's API: `http://127.0.0.1:8123/v1` */
export async function startEncoder(
  folder: string,
  backend: string,
  name: string,
  flags: readonly string[] = [],
): Promise<EncoderServer> {
  const words = ["serve", "--model", folder, "--port", "0", "--log-level", "error"];
  const child = spawn(
    process.execPath,
    [program, ...words, "--backend", backend, "--backend-model", name, ...flags],
    { stdio: ["ignore", "inherit", "pipe"] },
  );
  let said = "";
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.on("data", (piece: Buffer) => {
      said += piece.toString();
      const found = /Listening on (\S+)/.exec(said);
      if (found !== null) resolve(found[1]!);
    });
    child.once("exit", () => reject(new Error(`prumerge serve ended: ${said}`)));
  });
  return {
    client: new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 0 }),
    async stop() {
      if (child.exitCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}
