import { parse, tokenize } from "@huggingface/jinja";
import { globals } from "./globals.js";
import { PythonInterpreter } from "./interpreter.js";

/** A Jinja template that is rendered as transformers renders chat templates. */
export class PythonTemplate {
  readonly #program: ReturnType<typeof parse>;
  readonly #now: () => Date;

  /**
   * @param now the clock of `strftime_now`
   * @throws Error for what is no valid Jinja
   */
  constructor(source: string, now: () => Date = () => new Date()) {
    // jinja2 reads every line end as \n, those within texts as well.
    const lines = source.replace(/\r\n?/g, "\n");
    this.#program = parse(tokenize(lines, { lstrip_blocks: true, trim_blocks: true }));
    this.#now = now;
  }

  /** @throws Error where the template refuses what it is given, or does what Jinja does not allow */
  render(given: Readonly<Record<string, unknown>>): string {
    const environment = globals(this.#now);
    for (const [name, value] of Object.entries(given)) environment.set(name, value);
    return new PythonInterpreter(environment).evaluate(this.#program as never, environment).value;
  }
}
