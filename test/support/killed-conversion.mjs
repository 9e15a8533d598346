// Converts and kills itself, as a power cut would, when half of the checkpoint has been read.
import { convert } from "../../dist/convert/index.js";

const [source, destination, workers] = process.argv.slice(2);
await convert(source, destination, {
  workers: Number(workers),
  onProgress: ({ doneBytes, totalBytes }) => {
    if (doneBytes > totalBytes / 2) process.kill(process.pid, "SIGKILL");
  },
});
