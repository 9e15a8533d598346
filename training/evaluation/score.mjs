// The official scores of sets of answers: {data, rules, sets: {SET: {TASK: {ID: text}}}} ->
// {SET: {TASK: {headline, units: [[credit, about small things, what its units share], ...]}}}
import { text } from "node:stream/consumers";
import { loadTasks } from "../../dist/cli/load-tasks.js";
import { scoreIntervals } from "../../dist/eval/statistics/score-intervals.js";

const { data, rules, sets } = JSON.parse(await text(process.stdin));
const names = [...new Set(Object.values(sets).flatMap(Object.keys))];
const found = Object.fromEntries(Object.keys(sets).map((set) => [set, {}]));
for (const { task, loaded } of await loadTasks(names, data, rules)) {
  const details = new Map(loaded.questions.map(({ id, detail }) => [id, detail === true]));
  for (const [set, answers] of Object.entries(sets)) {
    const own = new Map(Object.entries(answers[task.name]));
    const verdicts = loaded.judge(own).filter(({ questions }) => questions.every((id) => own.has(id)));
    const [headline] = scoreIntervals(loaded, verdicts);
    found[set][task.name] = {
      headline,
      units: verdicts.map(({ credit, questions, cluster = questions[0] }) => [
        credit,
        questions.some((id) => details.get(id)),
        cluster,
      ]),
    };
  }
}
process.stdout.write(JSON.stringify(found));
