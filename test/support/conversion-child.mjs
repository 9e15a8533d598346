// One conversion in a process of its own. With a fourth argument it kills itself, as a power cut would, once that share
// of the checkpoint has been read.
import { convert } from "../../dist/convert/index.js";

const [source, destination, workers, killAt] = process.argv.slice(2);
const start = performance.now();
await convert(source, destination, {
  workers: Number(workers),
  overwrite: true,
  onProgress: ({ doneBytes, totalBytes }) => {
    if (doneBytes > totalBytes * Number(killAt ?? Number.POSITIVE_INFINITY)) process.kill(process.pid, "SIGKILL");
  },
});
process.stdout.write(String((performance.now() - start) / 1000));
