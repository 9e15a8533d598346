import { openModelData, readModel, tensorsOf } from "prumerge/onnx";

/** The float32 linear weights of a converted decoder, [rows, columns] as in the checkpoint, under canonical names. */
export async function readLinearWeights(decoder: string): Promise<Map<string, Float32Array>> {
  const data = openModelData(decoder);
  const weights = new Map<string, Float32Array>();
  for (const tensor of tensorsOf(await readModel(decoder))) {
    if (!tensor.name.endsWith(".transposed")) continue;
    const [columns, rows] = tensor.dims.map(Number) as [number, number];
    const bytes = await data.read(tensor);
    const stored = new Float32Array(bytes.slice().buffer);
    const weight = stored.map((_, i) => stored[(i % columns) * rows + Math.floor(i / columns)]!);
    weights.set(tensor.name.replace(/\.transposed$/, ""), weight);
  }
  await data.close();
  return weights;
}
