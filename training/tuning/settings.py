"""The paper's recipe (released `scripts/v1_5/finetune_lora_7b.sh`), as defaults of the command line."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, fields
from pathlib import Path

from common.ranges import above_zero, at_least_zero, share, share_below_one, whole
from reduction.methods import method

DTYPES = ("auto", "float32", "bfloat16")
PROMPTS = ("template", "vicuna_v1")
TURNS = ("together", "apart")
ASPECTS = ("crop", "pad")


@dataclass(frozen=True)
class Settings:
    model: Path
    data: Path
    images: Path
    out: Path
    reduce: str = "prumerge+:fixed"
    prompt: str = "template"
    turns: str = "together"
    image_aspect: str | None = None
    rank: int = 128
    alpha: float = 256
    dropout: float = 0.05
    rate: float = 2e-4
    projector_rate: float = 2e-5
    warmup: float = 0.03
    batch: int = 160
    micro_batch: int = 20
    epochs: int = 1
    longest: int = 2048
    clip: float = 1.0
    dtype: str = "auto"
    save_dtype: str = "auto"
    gradient_checkpointing: bool = False
    workers: int = 4
    seed: int = 0
    limit: int | None = None
    save_minutes: float = 10.0
    stop_after: int | None = None

    def deciding(self, processes: int) -> dict[str, object]:
        """What decides the result: two runs that agree in it may continue each other. Dropout is drawn for each forward
        run of each process, so that with it their number and size decide, too."""
        free = {"out", "gradient_checkpointing", "workers", "save_minutes", "save_dtype", "stop_after"}
        if self.dropout == 0:
            free.add("micro_batch")
        found = {field.name: str(getattr(self, field.name)) for field in fields(self) if field.name not in free}
        return found if self.dropout == 0 else found | {"processes": str(processes)}


HELP = {
    "model": "Hugging Face LlavaForConditionalGeneration checkpoint: a folder, or owner/name",
    "data": "LLaVA-format conversations, such as llava_v1_5_mix665k.json",
    "images": "folder that the data's image paths start from",
    "out": "folder for the adapter, the log and the checkpoint of an unfinished run",
    "reduce": "how visual tokens are reduced: METHOD[:BUDGET], several with commas between them take turns "
    "(see reduction/methods.py)",
    "prompt": "the checkpoint's chat template, or LLaVA-1.5's conversation with its system sentence",
    "turns": "turns of a conversation one after another, or each alone with the picture that they share",
    "image_aspect": "how pictures become square; default: as the checkpoint's image processor says",
    "rank": "LoRA's r",
    "alpha": "LoRA's alpha; updates are scaled by alpha / r",
    "dropout": "dropout before LoRA's A",
    "rate": "learning rate of LoRA",
    "projector_rate": "learning rate of the projector",
    "warmup": "share of the steps in which the rates rise; then they fall as a cosine",
    "batch": "conversations per step, over all processes",
    "micro_batch": "conversations per forward run of one process; for speed and memory, but dropout is drawn for each run",
    "epochs": "passes over the data",
    "longest": "tokens of a conversation, visual ones included; what is longer is cut",
    "clip": "largest norm of a step's gradient",
    "dtype": "of the frozen weights and of arithmetic; auto: bfloat16 where the GPU has it, else float32",
    "save_dtype": "of the adapter's files; auto: as --dtype",
    "gradient_checkpointing": "compute activations twice to save memory",
    "workers": "processes that read pictures, for each training process; 0 reads them in the training process itself",
    "seed": "of LoRA's start, the order of the data and dropout",
    "limit": "use only the first conversations",
    "save_minutes": "minutes between two checkpoints, at least: one is written after the step in which they are over",
    "stop_after": "stop, with a checkpoint, after this many steps; the same command continues",
}

KINDS = {
    "data": Path,
    "images": Path,
    "out": Path,
    "rank": whole(1),
    "alpha": above_zero,
    "dropout": share_below_one,
    "rate": above_zero,
    "projector_rate": at_least_zero,
    "warmup": share,
    "batch": whole(1),
    "micro_batch": whole(1),
    "epochs": whole(1),
    "longest": whole(2),  # a token and the one that it is learned from
    "clip": above_zero,
    "workers": whole(0),
    "seed": whole(0, 1 << 40),  # what is drawn from it, step by step, stays within 64 bits
    "limit": whole(1),
    "save_minutes": at_least_zero,
    "stop_after": whole(1),
}
"""What is read as anything but text, and refused where it is out of range"""


def parse(arguments: list[str] | None = None) -> Settings:
    parser = argparse.ArgumentParser(
        prog="tune_lora.py",
        description="LoRA and projector of a LLaVA checkpoint, trained on reduced visual tokens. "
        "Resumes where a run with the same settings was cut off.",
    )
    choices = {
        "prompt": PROMPTS,
        "turns": TURNS,
        "image_aspect": ASPECTS,
        "dtype": DTYPES,
        "save_dtype": (*DTYPES, "float16"),
    }
    for field in fields(Settings):
        flag = "--" + field.name.replace("_", "-")
        if field.name == "gradient_checkpointing":
            parser.add_argument(flag, action="store_true", help=HELP[field.name])
            continue
        required = field.name in ("model", "data", "images", "out")
        default = None if required else field.default
        parser.add_argument(
            flag,
            type=_methods if field.name == "reduce" else KINDS.get(field.name, str),
            required=required,
            default=default,
            choices=choices.get(field.name),
            help=HELP[field.name] + ("" if default is None else f" (default {default})"),
        )
    return Settings(**vars(parser.parse_args(arguments)))


def _methods(text: str) -> str:
    for name in text.split(","):
        try:
            method(name)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error
    return text
