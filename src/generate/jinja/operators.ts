import { areEqual, byCodePoint, isList, isNumber, isText, make, textOf, type Value } from "./values.js";

/** An operation as Python does it; `undefined` where the library does the same. */
export function binary(operator: string, left: Value, right: Value): Value | undefined {
  if (operator === "~") return make(textOf(left) + textOf(right));
  if (operator === "==" || operator === "!=") return make(areEqual(left, right) === (operator === "=="));
  if ((operator === "in" || operator === "not in") && isList(right)) {
    return make(right.value.some((item: Value) => areEqual(item, left)) === (operator === "in"));
  }
  if (operator === "+" && isText(left) !== isText(right)) {
    throw new Error(`can only concatenate texts with texts, not ${left.type} and ${right.type}`);
  }
  if (operator === "*" && isText(left) && right.type === "IntegerValue")
    return make(left.value.repeat(Math.max(0, right.value)));
  if (["<", "<=", ">", ">="].includes(operator) && isText(left) && isText(right))
    return make(compare(operator, byCodePoint(left.value, right.value)));
  if (["/", "//", "%"].includes(operator) && isNumber(right) && Number(right.value) === 0)
    throw new Error("division by zero");
  if (operator === "%" && isNumber(left) && isNumber(right)) return remainder(left, right);
  return undefined;
}

function compare(operator: string, order: number): boolean {
  if (operator === "<") return order < 0;
  if (operator === "<=") return order <= 0;
  return operator === ">" ? order > 0 : order >= 0;
}

/** Python's `%`, which has the divisor's sign. */
function remainder(left: Value, right: Value): Value {
  const [a, b] = [Number(left.value), Number(right.value)];
  const rest = make(a - Math.floor(a / b) * b);
  if (left.type !== "FloatValue" && right.type !== "FloatValue") return rest;
  const float = make(0.5); // a whole number would make an integer
  float.value = rest.value;
  return float;
}
