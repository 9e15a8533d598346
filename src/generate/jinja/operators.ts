import { areEqual, isList, isNumber, isText, make, textOf, type Value } from "./values.js";

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
    return make(compare(operator, left.value, right.value));
  if (["/", "//", "%"].includes(operator) && isNumber(right) && Number(right.value) === 0)
    throw new Error("division by zero");
  if (operator === "%" && left.type === "IntegerValue" && right.type === "IntegerValue") {
    return make(left.value - Math.floor(left.value / right.value) * right.value);
  }
  return undefined;
}

function compare(operator: string, left: string, right: string): boolean {
  if (operator === "<") return left < right;
  if (operator === "<=") return left <= right;
  return operator === ">" ? left > right : left >= right;
}
