import { describe, expect, it } from "vitest";
import { PrumergeError } from "../errors.js";
import { type BandReply, errorOf, failure } from "./worker-messages.js";

/** An error after its way between two threads. */
function sent(error: unknown): Error {
  return errorOf(structuredClone(failure(error)) as Extract<BandReply, { ok: false }>);
}

describe("errors of a conversion worker", () => {
  it("arrive with all that they tell", () => {
    const details = {
      expected: "12 bytes",
      found: "8",
      where: "shard.safetensors",
      help: "Download it again.",
    };
    const arrived = sent(
      new PrumergeError("INVALID_FILE", "the tensor is cut off", { ...details, cause: new Error("EOF") }),
    );
    expect(PrumergeError.isInstance(arrived)).toBe(true);
    const { code, summary, details: told, message, cause } = arrived as PrumergeError;
    expect(code).toBe("INVALID_FILE");
    expect(summary).toBe("the tensor is cut off");
    expect(told).toMatchObject(details);
    expect(message).toBe(
      "shard.safetensors: the tensor is cut off; expected 12 bytes, found 8. Download it again.",
    );
    expect((cause as Error).message).toBe("EOF");
  });

  it("that are nobody's refusal stay what they are", () => {
    const arrived = sent(new TypeError("x is not a function"));
    expect(PrumergeError.isInstance(arrived)).toBe(false);
    expect(arrived).toBeInstanceOf(Error);
    expect(arrived.message).toBe("x is not a function");
    expect(sent("a string").message).toBe("a string");
  });
});
