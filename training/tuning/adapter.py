"""Adapters on disk: peft's `adapter_config.json` and `adapter_model.safetensors`, and the projector in LLaVA's
`non_lora_trainables.bin`. `prumerge convert CHECKPOINT OUT --lora FOLDER` reads them, and so does peft."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from tuning.low_rank import low_rank_layers

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
OTHERS = "non_lora_trainables.bin"
PREFIX = "base_model.model."


def save_adapter(model: Any, folder: Path, base: str, dropout: float, dtype: torch.dtype) -> None:
    """Each file appears whole or not at all, the configuration last."""
    layers = dict(low_rank_layers(model))
    weights = {}
    for name, layer in layers.items():
        for side, part in (("A", layer.A), ("B", layer.B)):
            weights[f"{PREFIX}{name}.lora_{side}.weight"] = part.detach().to("cpu", dtype).contiguous()
    others = {
        f"{PREFIX}model.multi_modal_projector.{name}": part.detach().to("cpu", dtype)
        for name, part in model.model.multi_modal_projector.named_parameters()
    }
    first = next(iter(layers.values()))
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base,
        "inference_mode": True,
        "r": first.A.shape[0],
        "lora_alpha": first.scale * first.A.shape[0],
        "lora_dropout": dropout,
        "bias": "none",
        "fan_in_fan_out": False,
        "init_lora_weights": True,
        # A pattern, since the vision tower has layers of the same names.
        "target_modules": rf".*language_model\..*\.({'|'.join(sorted({name.rpartition('.')[2] for name in layers}))})",
    }
    write_whole(folder / WEIGHTS, lambda path: save_file(weights, path, metadata={"format": "pt"}))
    write_whole(folder / OTHERS, lambda path: torch.save(others, path))
    write_whole(folder / CONFIG, lambda path: path.write_text(json.dumps(config, indent=2) + "\n"))


@torch.no_grad()
def merge_adapter(model: Any, folder: Path) -> None:
    """Adds an adapter to a plain checkpoint's weights, in float32 or wider: W + (alpha / r) B A, and the projector."""
    config = json.loads((folder / CONFIG).read_text())
    scale = config["lora_alpha"] / config["r"]
    weights = load_file(folder / WEIGHTS)
    for name in [name for name in weights if name.endswith(".lora_A.weight")]:
        a, b = weights.pop(name), weights.pop(name.replace("lora_A", "lora_B"))
        target = model.get_submodule(name.removeprefix(PREFIX).removesuffix(".lora_A.weight")).weight
        wide = torch.promote_types(target.dtype, torch.float32)
        target.copy_(target.to(wide) + (scale * b.to(wide) @ a.to(wide)).to(target.device))
    if weights:
        raise ValueError(f"{folder / WEIGHTS}: tensors that are no pairs: {sorted(weights)[:5]}")
    others = torch.load(folder / OTHERS, weights_only=True)
    found = model.load_state_dict({name.removeprefix(PREFIX): part for name, part in others.items()}, strict=False)
    if found.unexpected_keys:
        raise ValueError(f"{folder / OTHERS}: tensors that the model has not: {found.unexpected_keys[:5]}")


def write_whole(path: Path, write: Callable[[Path], Any]) -> None:
    """Writes under a temporary name and renames: what is there is complete."""
    temporary = path.with_name(path.name + ".part")
    write(temporary)
    os.replace(temporary, path)
