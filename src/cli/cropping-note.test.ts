import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { describeFolder } from "../model/describe-folder.js";
import { croppingNote } from "./cropping-note.js";

const pocket = await describeFolder(fileURLToPath(new URL("../../models/pocket-llava", import.meta.url)));
const language = { ...pocket.spec.language, kind: "llama", vocabularySize: 32064, hiddenSize: 4096 } as const;
const llava = { ...pocket, spec: { ...pocket.spec, language } };
const padding = { ...llava, preprocessing: { ...llava.preprocessing, aspect: "pad" } } as const;

describe("croppingNote", () => {
  it("is for a LLaVA-1.5 that crops where nobody said how", () => {
    expect(llava.preprocessing.aspect).toBe("crop");
    expect(croppingNote(llava, undefined)).toContain("--image-aspect pad");
    expect(croppingNote(llava, "crop")).toBeUndefined();
    expect(croppingNote(llava, "pad")).toBeUndefined();
    expect(croppingNote(padding, undefined)).toBeUndefined();
  });

  it("is not for the bundled model", () => {
    expect(croppingNote(pocket, undefined)).toBeUndefined();
  });
});
