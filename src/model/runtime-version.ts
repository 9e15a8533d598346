/** The version of ONNX Runtime that answers are computed with. */
export { runtimeVersion } from "../runtime/index.js";
