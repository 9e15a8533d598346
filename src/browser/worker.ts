/** Entry of the worker that holds a model's sessions in a browser. */
import { preprocess } from "../image/preprocess.js";
import { carryOut } from "../runtime/carry-out.js";
import { localLanguage, localVision } from "../runtime/local-sides.js";
import { webRuntime } from "../runtime/ort-web.js";
import { decodeInBrowser } from "./decode-picture.js";
import type { PictureSide, WorkerSetup } from "./worker-setup.js";

const pictures: PictureSide = {
  async readPixels(picture, spec, shown) {
    return preprocess(await decodeInBrowser(picture), spec, shown);
  },
  dispose: () => Promise.resolve(),
};

self.addEventListener("message", ({ data }: MessageEvent<WorkerSetup>) => start(data), { once: true });

function start({ graphs, runtime, ...ports }: WorkerSetup): void {
  const ort = webRuntime(runtime);
  serve(ports.vision, localVision(ort, graphs, {}));
  serve(ports.language, localLanguage(ort, graphs, {}));
  serve(ports.pictures, pictures);
}

function serve(port: MessagePort, target: object): void {
  port.onmessage = ({ data }) =>
    void carryOut(target, data, (reply, transfer) => port.postMessage(reply, transfer));
}
