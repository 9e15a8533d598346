import type { Value } from "../builder.js";
import { broadcast, shapeError } from "../shape.js";
import type { ElementType } from "../types.js";

/** Two operands of one type, broadcast against each other. */
function binary(opType: string, a: Value, b: Value, result: ElementType = a.type): Value {
  if (a.type !== b.type) throw shapeError(opType, "operands of one type", `${a.type} and ${b.type}`);
  const shape = broadcast(opType, a.shape, b.shape);
  return a.graph.node(opType, [a, b], [{ type: result, shape }])[0]!;
}

function unary(opType: string, x: Value, result: ElementType = x.type): Value {
  return x.graph.node(opType, [x], [{ type: result, shape: x.shape }])[0]!;
}

export const add = (a: Value, b: Value): Value => binary("Add", a, b);
export const sub = (a: Value, b: Value): Value => binary("Sub", a, b);
export const mul = (a: Value, b: Value): Value => binary("Mul", a, b);
/** Integers: the quotient truncated, as ONNX says. */
export const div = (a: Value, b: Value): Value => binary("Div", a, b);
export const pow = (a: Value, b: Value): Value => binary("Pow", a, b);
export const min = (a: Value, b: Value): Value => binary("Min", a, b);
export const max = (a: Value, b: Value): Value => binary("Max", a, b);
/** Remainder of integers, with the divisor's sign. */
export const mod = (a: Value, b: Value): Value => binary("Mod", a, b);
export const equal = (a: Value, b: Value): Value => binary("Equal", a, b, "bool");
export const less = (a: Value, b: Value): Value => binary("Less", a, b, "bool");
export const lessOrEqual = (a: Value, b: Value): Value => binary("LessOrEqual", a, b, "bool");
export const greater = (a: Value, b: Value): Value => binary("Greater", a, b, "bool");
export const and = (a: Value, b: Value): Value => binary("And", a, b);
export const or = (a: Value, b: Value): Value => binary("Or", a, b);

export const not = (x: Value): Value => unary("Not", x);
export const exp = (x: Value): Value => unary("Exp", x);
export const log = (x: Value): Value => unary("Log", x);
export const sqrt = (x: Value): Value => unary("Sqrt", x);
export const cos = (x: Value): Value => unary("Cos", x);
export const sin = (x: Value): Value => unary("Sin", x);
export const abs = (x: Value): Value => unary("Abs", x);
/** To the nearest whole number, halves to the even one. */
export const round = (x: Value): Value => unary("Round", x);
export const floor = (x: Value): Value => unary("Floor", x);
/** The value itself: an input that is an output needs a node between. */
export const identity = (x: Value): Value => unary("Identity", x);
export const tanh = (x: Value): Value => unary("Tanh", x);

export function cast(x: Value, type: ElementType): Value {
  if (x.type === type) return x;
  const codes: Record<ElementType, number> = {
    float32: 1,
    uint8: 2,
    int8: 3,
    int32: 6,
    int64: 7,
    bool: 9,
    float16: 10,
  };
  return x.graph.node("Cast", [x], [{ type, shape: x.shape }], { attributes: { to: codes[type] } })[0]!;
}

/** `condition ? a : b`, all three broadcast. */
export function where(condition: Value, a: Value, b: Value): Value {
  if (condition.type !== "bool") throw shapeError("Where", "a bool condition", condition.type);
  if (a.type !== b.type) throw shapeError("Where", "branches of one type", `${a.type} and ${b.type}`);
  // ONNX Runtime's CPU provider has no Where over booleans.
  if (a.type === "bool") return or(and(condition, a), and(not(condition), b));
  const shape = broadcast("Where", broadcast("Where", condition.shape, a.shape), b.shape);
  return a.graph.node("Where", [condition, a, b], [{ type: a.type, shape }])[0]!;
}

/** The nearest whole numbers from 0 to 255, halves to the even one, around the one that stands for 0. */
export function quantizeLinear(x: Value, zero: Value): Value {
  if (x.type !== "float32" || zero.type !== "uint8")
    throw shapeError("QuantizeLinear", "float32, and uint8 for 0", `${x.type} and ${zero.type}`);
  const one = x.graph.constant("float32", [], [1]);
  return x.graph.node("QuantizeLinear", [x, one, zero], [{ type: "uint8", shape: x.shape }])[0]!;
}

/** Whole numbers of 8 bits as float32, by many threads where `Cast` takes one. */
export function dequantizeLinear(x: Value): Value {
  if (x.type !== "int8") throw shapeError("DequantizeLinear", "int8", x.type);
  const one = x.graph.constant("float32", [], [1]);
  return x.graph.node("DequantizeLinear", [x, one], [{ type: "float32", shape: x.shape }])[0]!;
}
