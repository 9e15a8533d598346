import { PickleGlobal, PickleStorage, PickleTensor, type PickleValue } from "./pickle-values.js";

/** Our names of torch's element types, by the storage class of old and the dtype of new. */
const storageTypes: ReadonlyMap<string, string> = new Map([
  ["torch.DoubleStorage", "float64"],
  ["torch.FloatStorage", "float32"],
  ["torch.HalfStorage", "float16"],
  ["torch.BFloat16Storage", "bfloat16"],
  ["torch.LongStorage", "int64"],
  ["torch.IntStorage", "int32"],
  ["torch.ShortStorage", "int16"],
  ["torch.CharStorage", "int8"],
  ["torch.ByteStorage", "uint8"],
  ["torch.BoolStorage", "bool"],
]);
const untyped: ReadonlySet<string> = new Set(["torch.UntypedStorage", "torch.storage.UntypedStorage"]);
const elementTypes: ReadonlySet<string> = new Set([...storageTypes.values()].map((type) => `torch.${type}`));

/** Bytes per element. */
export const elementBytes: ReadonlyMap<string, number> = new Map([
  ["float64", 8],
  ["float32", 4],
  ["float16", 2],
  ["bfloat16", 2],
  ["int64", 8],
  ["int32", 4],
  ["int16", 2],
  ["int8", 1],
  ["uint8", 1],
  ["bool", 1],
]);

/** Torch computes with no more; a longer list, given to many tensors, would only cost time. */
const mostDimensions = 64;

/** What a pickle may call, with plain data in and out. */
const callables: ReadonlyMap<string, (args: readonly PickleValue[]) => PickleValue | undefined> = new Map([
  ["collections.OrderedDict", orderedDict],
  ["torch._utils._rebuild_tensor_v2", rebuildTensor],
  ["torch._utils._rebuild_tensor_v3", rebuildTypedTensor],
  ["torch._utils._rebuild_parameter", rebuildParameter],
]);

/** Whether a pickle may name this at all; naming it does nothing yet. */
export function isAllowedGlobal(name: string): boolean {
  return callables.has(name) || storageTypes.has(name) || untyped.has(name) || elementTypes.has(name);
}

/** The result of an allowed call; `undefined` where the arguments are not what torch writes. */
export function callGlobal(callee: PickleValue, args: PickleValue): PickleValue | undefined {
  if (!(callee instanceof PickleGlobal) || !Array.isArray(args)) return undefined;
  return callables.get(callee.name)?.(args);
}

/** A storage from its persistent id; `undefined` where it is not what torch writes. */
export function storageOf(id: PickleValue): PickleStorage | undefined {
  if (!Array.isArray(id) || id.length !== 5) return undefined;
  const [kind, type, key, , length] = id as readonly PickleValue[];
  if (kind !== "storage" || !(type instanceof PickleGlobal) || typeof key !== "string" || !isSize(length)) {
    return undefined;
  }
  const known = storageTypes.get(type.name);
  return known === undefined && !untyped.has(type.name) ? undefined : new PickleStorage(key, known, length);
}

/** Always empty: Python 3 sets the items afterwards. A list of them, given again and again, would be copied every time. */
function orderedDict(args: readonly PickleValue[]): PickleValue | undefined {
  return args.length === 0 ? new Map() : undefined;
}

function rebuildTensor(args: readonly PickleValue[]): PickleValue | undefined {
  const [storage, offset, shape, strides] = args;
  if (!(storage instanceof PickleStorage) || args.length < 6 || args.length > 7) return undefined;
  return tensor(storage, storage.type ?? "uint8", offset, shape, strides);
}

function rebuildTypedTensor(args: readonly PickleValue[]): PickleValue | undefined {
  const [storage, offset, shape, strides, , , type] = args;
  if (!(storage instanceof PickleStorage) || args.length < 7 || args.length > 8) return undefined;
  if (!(type instanceof PickleGlobal) || !elementTypes.has(type.name)) return undefined;
  return tensor(storage, type.name.slice("torch.".length), offset, shape, strides);
}

function tensor(
  storage: PickleStorage,
  type: string,
  offset: PickleValue | undefined,
  shape: PickleValue | undefined,
  strides: PickleValue | undefined,
): PickleTensor | undefined {
  if (!isSize(offset) || !isSizes(shape) || !isSizes(strides) || shape.length !== strides.length) {
    return undefined;
  }
  return new PickleTensor(storage, type, offset, shape, strides);
}

function rebuildParameter(args: readonly PickleValue[]): PickleValue | undefined {
  return args.length === 3 && args[0] instanceof PickleTensor ? args[0] : undefined;
}

function isSize(value: PickleValue | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isSizes(value: PickleValue | undefined): value is readonly number[] {
  return Array.isArray(value) && value.length <= mostDimensions && value.every(isSize);
}
