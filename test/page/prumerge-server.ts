import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export interface PrumergeServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts `prumerge serve` with the bundled model on a free port. */
export function startServer(words: readonly string[] = []): Promise<PrumergeServer> {
  const program = spawn(process.execPath, [main, "serve", "--port", "0", ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = new Promise<void>((resolve) => program.once("close", () => resolve()));
  const close = () => {
    program.kill("SIGTERM");
    return closed;
  };
  return new Promise((resolve, reject) => {
    let said = "";
    const listen = (text: string) => {
      said += text;
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
      if (url !== undefined) resolve({ url: `${url}/`, close });
    };
    program.stdout.setEncoding("utf8").on("data", listen);
    program.stderr.setEncoding("utf8").on("data", listen);
    void closed.then(() => reject(new Error(`the server ended: ${said}`)));
  });
}
