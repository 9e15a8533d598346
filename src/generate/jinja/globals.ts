import { Environment } from "@huggingface/jinja";
import { make, type Value } from "./values.js";

/** What transformers gives to every template beside the conversation. Source: its `_cached_compile_jinja_template`. */
export function globals(now: () => Date): Environment {
  const environment = new Environment();
  for (const name of ["true", "True"]) environment.set(name, true);
  for (const name of ["false", "False"]) environment.set(name, false);
  for (const name of ["none", "None"]) environment.set(name, null);
  environment.set("range", range);
  environment.set("strftime_now", (format: string) => strftime(now(), format));
  environment.set("raise_exception", (message: unknown) => {
    throw new Error(String(message));
  });
  const dict = environment.set("dict", () => null) as unknown as Value;
  dict.value = (args: readonly Value[]) => {
    const made = make({});
    for (const { value } of args)
      for (const [key, one] of value as Map<string, Value>) made.value.set(key, one);
    return made;
  };
  return environment;
}

/** Python's range, whole. */
function range(first: number, stop?: number, step = 1): number[] {
  const [start, end] = stop === undefined ? [0, first] : [first, stop];
  if (step === 0) throw new Error("range() arg 3 must not be zero");
  const count = Math.max(0, Math.ceil((end - start) / step));
  if (count > 100_000) throw new Error("a range of more than 100000 numbers"); // jinja2's sandbox has the same limit
  return Array.from({ length: count }, (_, i) => start + i * step);
}

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = "January February March April May June July August September October November December".split(
  " ",
);

/** Python's strftime in its default locale, by the local clock. @throws Error for codes beyond the usual ones */
export function strftime(date: Date, format: string): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const hour = date.getHours() % 12 || 12;
  const dayOfYear =
    (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - Date.UTC(date.getFullYear(), 0)) /
    86_400_000;
  const codes: Readonly<Record<string, string>> = {
    Y: String(date.getFullYear()),
    y: two(date.getFullYear() % 100),
    m: two(date.getMonth() + 1),
    "-m": String(date.getMonth() + 1),
    B: months[date.getMonth()]!,
    b: months[date.getMonth()]!.slice(0, 3),
    d: two(date.getDate()),
    "-d": String(date.getDate()),
    e: String(date.getDate()).padStart(2, " "),
    j: String(dayOfYear + 1).padStart(3, "0"),
    A: days[date.getDay()]!,
    a: days[date.getDay()]!.slice(0, 3),
    H: two(date.getHours()),
    I: two(hour),
    p: date.getHours() < 12 ? "AM" : "PM",
    M: two(date.getMinutes()),
    S: two(date.getSeconds()),
    F: `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`,
    T: `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`,
    "%": "%",
  };
  return format.replace(/%(-?.)/gsu, (code, name: string) => {
    const text = codes[name];
    if (text === undefined) throw new Error(`strftime_now does not know ${code}`);
    return text;
  });
}
