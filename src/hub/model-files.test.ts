import { expect, it } from "vitest";
import { checkpointFiles, modelFolderFiles, modelForm } from "./model-files.js";

const files = (...paths: string[]) => paths.map((path) => ({ path, size: 1 }));
const paths = (some: readonly { path: string }[]) => some.map(({ path }) => path);
const small = [
  "config.json",
  "tokenizer.json",
  "tokenizer.model",
  "chat_template.jinja",
  "additional_chat_templates/rag.jinja",
];

it("takes sharded safetensors, and nothing of other forms and frameworks", () => {
  const shards = [
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
    "model.safetensors.index.json",
  ];
  const others = [
    ...[
      "pytorch_model-00001-of-00002.bin",
      "model.fp16.safetensors",
      "consolidated.safetensors",
      "tf_model.h5",
    ],
    ...["flax_model.msgpack", "onnx/decoder_model_merged.onnx", "optimizer.bin", "training_args.bin"],
    ...["trainer_state.json", "README.md", ".gitattributes", "original/model.safetensors"],
  ];
  expect(paths(checkpointFiles(files(...small, ...shards, ...others)))).toEqual([...small, ...shards]);
});

it("takes torch files where there is nothing else, with the projector beside them", () => {
  const torch = [
    ...["pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"],
    ...["pytorch_model.bin.index.json", "mm_projector.bin"],
  ];
  expect(paths(checkpointFiles(files(...small, ...torch, "rust_model.ot")))).toEqual([...small, ...torch]);
  expect(paths(checkpointFiles(files("pytorch_model.bin", "model.safetensors")))).toEqual([
    "model.safetensors",
  ]);
});

it("takes a folder of ours whole, without what lies below it", () => {
  const ours = [
    "config.json",
    "prumerge.json",
    "onnx/vision.onnx",
    "onnx/vision_encoder.onnx_data",
    "onnx/decoder_q4.onnx",
  ];
  const listing = files(...ours, "samples/1.png", "checkpoint/model.safetensors", "README.md");
  expect(modelForm(listing)).toBe("converted");
  expect(paths(modelFolderFiles({ dtype: "fp16" })(listing))).toEqual(ours);
});

it("takes each graph of another exporter's folder in one dtype, with its external data", () => {
  const listing = files(
    ...[
      "config.json",
      "onnx/vision_encoder.onnx",
      "onnx/vision_encoder.onnx_data",
      "onnx/vision_encoder_q4.onnx",
    ],
    ...["onnx/embed_tokens.onnx", "onnx/embed_tokens_fp16.onnx"],
    ...[
      "onnx/decoder_model_merged_q4.onnx",
      "onnx/decoder_model_merged_q4.onnx_data",
      "onnx/decoder_model_merged_q4.onnx_data_1",
    ],
    ...[
      "onnx/decoder_model_merged_q4f16.onnx",
      "onnx/decoder_model_merged_quantized.onnx",
      "onnx/decoder_model.onnx",
    ],
  );
  expect(modelForm(listing)).toBe("transformers.js");
  expect(paths(modelFolderFiles()(listing))).toEqual([
    ...[
      "config.json",
      "onnx/vision_encoder.onnx",
      "onnx/vision_encoder.onnx_data",
      "onnx/embed_tokens_fp16.onnx",
    ],
    ...[
      "onnx/decoder_model_merged_q4.onnx",
      "onnx/decoder_model_merged_q4.onnx_data",
      "onnx/decoder_model_merged_q4.onnx_data_1",
    ],
  ]);
  expect(paths(modelFolderFiles({ dtype: "q8", visionDtype: "q4" })(listing))).toEqual([
    ...["config.json", "onnx/vision_encoder_q4.onnx", "onnx/embed_tokens_fp16.onnx"],
    "onnx/decoder_model_merged_quantized.onnx",
  ]);
});

it("takes weights to convert before graphs that another exporter left beside them", () => {
  // As llava-hf/llava-interleave-qwen-0.5b-hf has them: its graphs cannot reduce.
  const graphs = ["onnx/vision_encoder_fp16.onnx", "onnx/decoder_model_merged_q4.onnx"];
  expect(modelForm(files("config.json", ...graphs))).toBe("transformers.js");
  expect(modelForm(files("config.json", ...graphs, "model.safetensors"))).toBe("checkpoint");
});

it("tells checkpoints, adapters and anything else apart", () => {
  expect(modelForm(files("config.json", "model.safetensors"))).toBe("checkpoint");
  expect(modelForm(files("config.json", "adapter_model.bin", "non_lora_trainables.bin"))).toBe("adapter");
  expect(modelForm(files("config.json", "mm_projector.bin"))).toBe("adapter");
  expect(modelForm(files("config.json", "model.gguf"))).toBeUndefined();
});
