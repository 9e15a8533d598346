import { isList, isMap, make, type Value } from "./values.js";

/** A value's attribute by a path of names and indices, undefined where it has none. */
export function attributeOf(value: Value, path: Value): Value {
  return String(path.value)
    .split(".")
    .reduce((found, name) => {
      if (isMap(found)) return found.value.get(name) ?? make(undefined);
      return (
        (isList(found) ? (found.value[Number(name)] as Value | undefined) : undefined) ?? make(undefined)
      );
    }, value);
}
