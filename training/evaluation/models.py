"""Checkpoints ready to answer, in float32."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import torch
from transformers import LlavaForConditionalGeneration

from evaluation.engine import Answerer
from tuning.adapter import merge_adapter
from tuning.processor import Processor, end_ids


def load(checkpoint: Path, adapter: Path | None = None) -> Any:
    model = LlavaForConditionalGeneration.from_pretrained(checkpoint, dtype=torch.float32).eval().requires_grad_(False)
    if adapter is not None:
        merge_adapter(model, adapter)
    return model


def processor_of(checkpoint: Path, model: Any, aspect: str | None = None) -> Processor:
    return Processor(str(checkpoint), model.config, end_ids(model), aspect)


def answerer_of(model: Any, processor: Processor, prompt: str = "template") -> Answerer:
    return Answerer(model, processor.tokenizer, end_ids(model), prompt)


def digest(folder: Path) -> str:
    """sha256 over names and bytes of a folder's files."""
    total = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix in (".safetensors", ".bin", ".json", ".jinja"):
            total.update(path.name.encode())
            total.update(hashlib.file_digest(path.open("rb"), "sha256").digest())
    return total.hexdigest()
