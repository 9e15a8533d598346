import { readFileSync } from "node:fs";
import type { JournalRecord } from "../../src/eval/run/run-folder.js";

/** What a journal says, without what no two runs have in common: times, memory and who answered. */
export function journalContent(path: string): unknown[] {
  const [header, ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  return [
    header,
    ...lines.map((line) => {
      const record = JSON.parse(line) as JournalRecord;
      const lasting = Object.entries(record).filter(
        ([name]) => !["timings", "residentBytes", "worker", "reusedTokens"].includes(name),
      );
      return Object.fromEntries(lasting);
    }),
  ];
}
