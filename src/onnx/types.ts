import { TensorProto_DataType } from "./schema/onnx_pb.js";

/** Element types that our graphs use, by their ONNX name. */
export type ElementType = "float32" | "float16" | "int64" | "int32" | "uint8" | "int8" | "bool";

interface ElementTypeInfo {
  readonly code: TensorProto_DataType;
  readonly bytes: number;
}

export const elementTypes: Readonly<Record<ElementType, ElementTypeInfo>> = {
  float32: { code: TensorProto_DataType.FLOAT, bytes: 4 },
  float16: { code: TensorProto_DataType.FLOAT16, bytes: 2 },
  int64: { code: TensorProto_DataType.INT64, bytes: 8 },
  int32: { code: TensorProto_DataType.INT32, bytes: 4 },
  uint8: { code: TensorProto_DataType.UINT8, bytes: 1 },
  int8: { code: TensorProto_DataType.INT8, bytes: 1 },
  bool: { code: TensorProto_DataType.BOOL, bytes: 1 },
};
