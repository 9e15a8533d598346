import { languagePrefix, projectorPrefix, visionPrefix } from "../../graphs/names.js";
import { siteSide } from "../../models/spec.js";
import type { ConvertFamily } from "../convert-family.js";
import { towerGraphs } from "../parts/graphs.js";
import { checkSplitPictures, huggingFaceSmolVlm } from "./hugging-face.js";
import { connector } from "./merger.js";
import type { SmolVlmSpec } from "./spec.js";

/** SmolVLM and Idefics3. A picture's visual tokens have no fixed number, so there is no encoder for other programs. */
export const smolVlm: ConvertFamily<SmolVlmSpec> = {
  name: "smolvlm",
  title: "SmolVLM",
  huggingFace: huggingFaceSmolVlm,
  graphs: towerGraphs({ merger: connector, partial: true }, { fixedCount: false }),
  names: [
    [/^(?:model\.)?text_model\./, `${languagePrefix}.`],
    [/^(?:model\.)?vision_model\./, `${visionPrefix}.`],
    [/^(?:model\.)?connector\.modality_projection\.proj\.(?=weight$)/, `${projectorPrefix}.`],
  ],
  checkPictures: checkSplitPictures,
  /** Every release has its template. */
  conversation: () => undefined,
  processor: {
    className: "Idefics3Processor",
    settings: (spec) => ({ image_seq_len: siteSide(spec) ** 2 }),
  },
};
