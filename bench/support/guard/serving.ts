import { loadModel } from "../../../dist/index.js";
import { ServeProcess } from "../serve-process.js";
import { colouredPictures, StreamingClient } from "../serve-requests.js";
import type { Measured } from "./measured.js";

const question = "Describe the image.";
const maxTokens = 32;
const asked = 6;

/** The server's processor time for streamed answers about a remembered picture, against the library's for the same answers. */
export async function serving(measured: Measured): Promise<void> {
  const [picture] = await colouredPictures(1);
  const bytes = Buffer.from(picture!.slice(picture!.indexOf(",") + 1), "base64");
  const model = await loadModel(undefined, { threads: 1 });
  const server = await ServeProcess.start(["--threads", "1"]);
  const client = new StreamingClient(server.url, 1);
  try {
    const seen = await model.see(bytes);
    const library = async () => {
      for (let at = 0; at < asked; at++)
        await model.answer(seen, question, { maxNewTokens: maxTokens }).result;
    };
    const served = async () => {
      for (let at = 0; at < asked; at++) await client.ask(picture!, question, {}, maxTokens);
    };
    const spent = () => server.metric("process_cpu_seconds_total");
    await measured.ratio("served answer over the library's", "processor time", served, library, {
      runs: 5,
      clock: async (work) => {
        const before = [await spent(), process.cpuUsage()] as const;
        await work();
        if (work === served) return 1000 * ((await spent()) - before[0]);
        const { user, system } = process.cpuUsage(before[1]);
        return (user + system) / 1000;
      },
    });
  } finally {
    await client.close();
    await server.stop();
    await model.dispose();
  }
}
