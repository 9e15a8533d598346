import { TensorReader } from "./read-rows.js";
import { type StoredTensor, tensorRows, tensorShape } from "./tensor-source.js";

/** Elements that are compared at a time. */
const bandElements = 2 ** 20;

/**
 * Whether two stored tensors have the same shape and, as float32, the same values. Where both are one place in one file
 * (as torch stores what is shared) nothing is read.
 */
export async function sameValues(a: StoredTensor, b: StoredTensor): Promise<boolean> {
  const [shape, other] = [tensorShape(a), tensorShape(b)];
  if (shape.length !== other.length || shape.some((size, axis) => size !== other[axis])) return false;
  if (isSamePlace(a, b)) return true;
  const { rows, columns } = tensorRows(a);
  const step = Math.max(1, Math.floor(bandElements / Math.max(1, columns)));
  const reader = new TensorReader();
  try {
    for (let start = 0; start < rows; start += step) {
      const end = Math.min(rows, start + step);
      const [left, right] = [await reader.readRows(a, start, end), await reader.readRows(b, start, end)];
      for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
    }
    return true;
  } finally {
    await reader.close();
  }
}

function isSamePlace(a: StoredTensor, b: StoredTensor): boolean {
  const plain = [a, b].every(({ lora, extraRows }) => lora === undefined && extraRows === undefined);
  return plain && a.path === b.path && a.offset === b.offset && a.type === b.type;
}
