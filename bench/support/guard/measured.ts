import { bestRatio, type Tries, type Work } from "./best-ratio.js";
import type { Figure, Stored } from "./figure.js";

/** Collects figures; a ratio that is near its stored value is not tried again. */
export class Measured {
  readonly figures: Figure[] = [];

  constructor(private readonly stored: Stored) {}

  async ratio(name: string, notes: string, ours: Work, bare: Work, tries: Tries = {}): Promise<void> {
    const enough = 1.15 * (this.stored[name] ?? 0);
    this.figures.push({
      name,
      value: await bestRatio(ours, bare, { enough, ...tries }),
      kind: "ratio",
      notes,
    });
  }

  count(name: string, value: number, notes: string): void {
    this.figures.push({ name, value, kind: "count", notes });
  }
}
