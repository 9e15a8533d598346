import { Command, Option } from "commander";
import { type Dtype, dtypes } from "../../models/dtypes.js";
import { interruptible } from "../interrupt.js";
import { wholeNumber } from "../options.js";

interface ConvertFlags {
  readonly dtype: Dtype;
  readonly visionDtype?: Dtype;
  readonly prefillDtype?: Dtype;
  readonly visionTower?: string;
  readonly lora?: string;
  readonly projector?: string;
  readonly bakedTokens?: number;
  readonly imageAspect?: "crop" | "pad";
  readonly resampler?: "pillow" | "torchvision";
  readonly overwrite?: boolean;
  readonly quiet?: boolean;
}

export function convertCommand(): Command {
  return new Command("convert")
    .description("convert a LLaVA checkpoint into a model folder (ONNX, tokenizer, settings)")
    .argument("<source>", "checkpoint: a folder, or owner/name[@revision] on the hub")
    .argument("<destination>", "model folder to be; appears complete or not at all")
    .addOption(new Option("--dtype <dtype>", "language model's weights").choices(dtypes).default("q4"))
    .addOption(
      new Option(
        "--vision-dtype <dtype>",
        "vision tower's weights (default: fp16 beside fp16, else fp32)",
      ).choices(dtypes),
    )
    .addOption(
      new Option(
        "--prefill-dtype <dtype>",
        "the language model's weights once more, for prompts: int8 reads them in half of the time and takes a byte a weight (default: none)",
      ).choices(dtypes),
    )
    .option(
      "--vision-tower <source>",
      "vision tower of a checkpoint in the original LLaVA layout: a folder, or owner/name",
    )
    .option("--lora <source>", "peft LoRA adapter to merge in, a folder or owner/name; SOURCE is its base")
    .option("--projector <file>", "stage-1 mm_projector.bin; SOURCE is its base")
    .addOption(
      wholeNumber("--baked-tokens <n>", "visual tokens of the graph for transformers.js (default: 64)", 1),
    )
    .addOption(
      new Option(
        "--image-aspect <how>",
        "how pictures become square (default: the checkpoint's way)",
      ).choices(["crop", "pad"]),
    )
    .addOption(
      new Option(
        "--resampler <whose>",
        "arithmetic that pictures are resized with (default: the checkpoint's processor's)",
      ).choices(["pillow", "torchvision"]),
    )
    .option("--overwrite", "replace an earlier conversion at the destination")
    .option("-q, --quiet", "no progress and no summary on standard error")
    .addHelpText(
      "after",
      `
Vision towers stay fp32 or fp16 unless asked otherwise: quantising them changes which patches are kept.

Examples:
  $ prumerge convert llava-hf/llava-1.5-7b-hf ./llava-q4
  $ prumerge convert ./llava-v1.5-7b ./llava-q4 --vision-tower openai/clip-vit-large-patch14-336
  $ prumerge convert ./llava-1.5-7b-hf ./tuned-q4 --lora ./adapter
  $ prumerge convert ./vicuna-7b-v1.5 ./pruned-q8 --dtype q8 --lora ./llava-prumerge-lora --vision-tower ./clip`,
    )
    .action((source: string, destination: string, flags: ConvertFlags) =>
      interruptible((signal) => convertCheckpoint(source, destination, flags, signal)),
    );
}

async function convertCheckpoint(
  source: string,
  destination: string,
  flags: ConvertFlags,
  signal: AbortSignal,
): Promise<void> {
  const [{ runConversion }, { StatusLine }, { formatBytes, formatDuration }] = await Promise.all([
    import("../run-conversion.js"),
    import("../status-line.js"),
    import("../format.js"),
  ]);
  const { quiet, ...options } = flags;
  const start = performance.now();
  const folder = await runConversion(source, destination, { ...options, signal }, new StatusLine({ quiet }));
  if (quiet) return;
  const bytes = folder.files.reduce((sum, file) => sum + file.bytes, 0);
  const seconds = (performance.now() - start) / 1000;
  const { vision, decoder, prefill } = folder.dtypes;
  const prompts = prefill === undefined ? "" : `, prompts ${prefill}`;
  process.stderr.write(
    `${destination}: vision ${vision}, language model ${decoder}${prompts}, ${formatBytes(bytes)}, ${formatDuration(seconds)}\n` +
      `Try: prumerge ask --model ${destination} PICTURE QUESTION\n`,
  );
}
