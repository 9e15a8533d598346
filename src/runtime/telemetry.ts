/**
 * Tells ONNX Runtime to report nothing. Its Linux builds since 1.30 contain a telemetry client that writes into the
 * temporary folder, reads the command line and, where there is a network, uploads; nobody asked for that here. Whoever
 * wants it sets `ORT_DISABLE_TELEMETRY=0` before the start.
 *
 * Call it in the main thread before the native library is loaded: a worker's `process.env` is a copy that native code
 * does not see.
 */
export function disableTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY ??= "1";
}
