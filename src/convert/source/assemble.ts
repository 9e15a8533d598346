import { PrumergeError } from "../../errors.js";
import { checkpointTensors } from "../../families/checkpoint-tensors.js";
import type { ConvertFamily } from "../../families/convert-family.js";
import { withVideos } from "../../families/with-videos.js";
import { parsePreprocessing } from "../../image/parse-preprocessing.js";
import type { ConfigReader } from "../../models/config-reader.js";
import type { Json } from "../../models/files/json-file.js";
import { readSpecialTokens } from "../../models/files/special-tokens.js";
import { type ModelSpec, patchCount, takesSquares } from "../../models/spec.js";
import { checkpointNames } from "./canonical-names.js";
import type { Checkpoint } from "./checkpoint.js";
import type { Notes } from "./notes.js";
import { noteGenerationSettings } from "./read-settings.js";
import { type StoredTensor, type StoredType, type TensorTable, tensorRows } from "./tensor-source.js";
import { checkTensors } from "./tensor-table.js";
import type { TokenizerFiles } from "./tokenizer-files.js";

export interface CheckpointPieces extends TokenizerFiles {
  readonly layout: Checkpoint["layout"];
  readonly family: ConvertFamily;
  readonly folder: string;
  /** Whose word pictures are held against; absent where the image processor's settings were made from it. */
  readonly reader?: ConfigReader;
  readonly spec: ModelSpec;
  readonly config: Json;
  readonly tensors: TensorTable;
  readonly imageProcessor: Json;
  /** Settings of a video processor, where the checkpoint has one. */
  readonly videoProcessor?: Json;
  readonly notes: Notes;
}

/** Checks that the pieces fit together and puts them into one {@link Checkpoint}. */
export function assembleCheckpoint(pieces: CheckpointPieces): Checkpoint {
  const {
    layout,
    family,
    folder,
    spec,
    config,
    tensors,
    tokenizer,
    tokenizerConfig,
    generationConfig,
    notes,
  } = pieces;
  noteGenerationSettings(generationConfig, folder, notes);
  checkTensors(tensors, checkpointTensors(spec), folder, notes, checkpointNames(family.names));
  const pictures = parsePreprocessing(pieces.imageProcessor, folder);
  family.checkPictures(pictures, folder, pieces.reader);
  const { videoProcessor } = pieces;
  const preprocessing = withVideos(family, pictures, videoProcessor, folder, notes.add);
  return {
    layout,
    spec,
    tensors,
    config,
    tokenizer,
    tokenizerConfig,
    chatTemplate: pieces.ownChatTemplate ?? conversation(pieces),
    preprocessing,
    imageProcessor: pieces.imageProcessor,
    ...(videoProcessor !== undefined && { videoProcessor }),
    generationConfig,
    specialTokens: readSpecialTokens(pieces),
    sourceDescription: describe(layout, family, spec),
    notes: notes.lines,
    totalBytes: [...tensors.values()].reduce((sum, tensor) => sum + storedBytes(tensor), 0),
  };
}

const elementBytes: Readonly<Record<StoredType, number>> = { float32: 4, float16: 2, bfloat16: 2 };

function storedBytes(tensor: StoredTensor): number {
  const { rows, columns } = tensorRows(tensor);
  const own = (rows - (tensor.extraRows?.length ?? 0)) * columns * elementBytes[tensor.type];
  return own + (tensor.lora === undefined ? 0 : storedBytes(tensor.lora.a) + storedBytes(tensor.lora.b));
}

/** The conversation that the model was trained in, where the folder tells none; it is said, since it may be another. */
function conversation({ family, spec, folder, notes }: CheckpointPieces): string {
  const found = family.conversation(spec);
  if (found === undefined) {
    throw new PrumergeError("NOT_FOUND", "no chat template, and none is known for this language model", {
      where: folder,
      expected: "chat_template.jinja, or chat_template in tokenizer_config.json",
      help: "Put the one that the model was trained with there, as chat_template.jinja",
    });
  }
  if (found.guessed)
    notes.add(
      `${folder}: no chat template; the conversation ${found.name} of ${family.title}'s own code is used`,
    );
  return found.template;
}

function describe(layout: Checkpoint["layout"], { title }: ConvertFamily, spec: ModelSpec): string {
  const { vision, language } = spec;
  const source = layout === "original" ? `original ${title} layout` : `Hugging Face ${title}`;
  const seen = takesSquares(vision) ? `${patchCount(vision)} patches` : "pictures of any size";
  const tower = `${vision.kind} tower, ${vision.layers} x ${vision.hiddenSize}, ${seen}`;
  return `${source}: ${tower}; ${language.kind}, ${language.layers} x ${language.hiddenSize}`;
}
