import { describe, expect, test } from "vitest";
import type { Budget } from "./budget.js";
import { rowRoom } from "./row-room.js";

describe("the room for a plan", () => {
  const room = (budget: Budget, fixed: number) => rowRoom({ method: "m", budget }, 16, fixed);

  test("is what the budget leaves beside rows that stay", () => {
    expect(room({ kind: "exact", rows: 4 }, 1)).toEqual({ exact: true, count: 3 });
    expect(room({ kind: "cap", rows: 4 }, 1)).toEqual({ exact: false, count: 3 });
    expect(room({ kind: "share", ratio: 0.25 }, 1)).toEqual({ exact: true, count: 3 });
    expect(room({ kind: "exact", rows: 17 }, 1)).toEqual({ exact: true, count: 16 });
    expect(room({ kind: "all" }, 1)).toEqual({ exact: true, count: 16 });
    expect(room({ kind: "rule" }, 1)).toEqual({ exact: false, count: 0 });
  });

  test.each<[Budget, string]>([
    [{ kind: "exact", rows: 1 }, "tokens"],
    [{ kind: "cap", rows: 1 }, "maxTokens"],
    [{ kind: "share", ratio: 0.01 }, "keepRatio"],
  ])("is refused by name where none is left: %j", (budget, where) => {
    expect(() => room(budget, 1)).toThrow(
      expect.objectContaining({
        code: "INVALID_OPTION",
        message: expect.stringMatching(`^${where}: too few tokens.*expected 2 or more, found 1$`),
      }),
    );
  });
});
