import { describe, expect, it } from "vitest";
import { goldenPath } from "../../test/support/checkpoint-folder.js";
import { prepareConversion } from "../convert/plan.js";
import type { Manifest } from "../folder/manifest.js";
import type { Dtype } from "../models/dtypes.js";
import { filesOf, folderGraphs } from "./folder-graphs.js";

/** The manifest of a conversion. */
async function manifestOf(options: { dtype: Dtype; visionDtype?: Dtype; prefillDtype?: Dtype }) {
  const { contents } = await prepareConversion(goldenPath("llava/tiny-llava-llama"), options, 0);
  return JSON.parse(Buffer.from(contents.get("prumerge.json")!).toString()) as Manifest;
}

describe("what a browser opens of a folder", () => {
  it("is the same where the folder has weights of their own for prompts, which are not downloaded", async () => {
    const [plain, more] = [
      await manifestOf({ dtype: "q4" }),
      await manifestOf({ dtype: "q4", prefillDtype: "int8" }),
    ];
    for (const form of ["input-only", "returned"] as const) {
      const graphs = folderGraphs("https://host/model/", more, form);
      expect(graphs).toEqual(folderGraphs("https://host/model/", plain, form));
      const paths = filesOf(more, graphs).map(({ path }) => path);
      expect(paths).toEqual(filesOf(plain, graphs).map(({ path }) => path));
      expect(paths).toHaveLength(7); // four graphs, three files of weights
    }
  });

  it.each([
    ["vision", { dtype: "q4", visionDtype: "int8" }],
    ["decoder", { dtype: "int8" }],
  ] as const)("is not a %s in int8", async (part, options) => {
    const manifest = await manifestOf(options);
    expect(() => folderGraphs("https://host/model/", manifest, "input-only")).toThrowError(
      expect.objectContaining({
        code: "UNSUPPORTED_MODEL",
        details: expect.objectContaining({ where: `https://host/model/onnx/${part}_int8.onnx` }),
      }),
    );
  });
});
