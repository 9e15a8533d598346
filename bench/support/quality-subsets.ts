import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Verdict } from "../../src/eval/task.js";

/** Questions of one kind, of all benchmarks that have some. */
export interface Subset {
  readonly name: string;
  holds(task: string, verdict: Verdict): boolean;
}

interface Details {
  readonly small_things: readonly (string | number)[];
  readonly families: Readonly<Record<string, readonly (string | number)[]>>;
}

/**
 * What the headline hides: kinds of questions, by the lists of ids that the pocket benchmarks have beside them
 * (`details.json`). Questions that say where something is, or ask for it, are those of the family `relation` and MME's
 * subtask `position`.
 *
 * @param data folder that holds a folder for each benchmark
 */
export function subsets(data: string, tasks: readonly string[]): readonly Subset[] {
  const details = new Map(
    tasks.map((task) => [
      task,
      JSON.parse(readFileSync(join(data, task, "details.json"), "utf8")) as Details,
    ]),
  );
  const listed = (ids: (details: Details) => Details["small_things"]) => {
    const sets = new Map([...details].map(([task, of]) => [task, new Set(ids(of).map(String))]));
    // MME's lists name the picture, without the number of the question about it.
    return (task: string, { questions }: Verdict) =>
      questions.some((id) => sets.get(task)!.has(id.replace(/#\d+$/, "")));
  };
  const family = (name: string) => listed(({ families }) => families[name] ?? []);
  const small = listed((of) => of.small_things);
  const where = family("relation");
  return [
    { name: "small things", holds: small },
    { name: "reading", holds: family("reading") },
    {
      name: "where",
      holds: (task, verdict) => where(task, verdict) || verdict.groups.includes("perception/position"),
    },
    {
      name: "counting",
      holds: (task, verdict) => family("count")(task, verdict) || verdict.groups.includes("perception/count"),
    },
    { name: "comparing", holds: family("comparison") },
  ];
}
