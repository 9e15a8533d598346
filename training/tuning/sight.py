"""The frozen half: pixel values to reduced patch features, picture by picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from reduction.methods import Method
from reduction.signals import class_attention, mean_attention


@dataclass(frozen=True)
class Seen:
    features: Tensor
    """(pictures, patches, width), of the layer that the language model reads"""
    attention: Tensor
    """(pictures, patches), fp32"""
    keys: Tensor
    """(pictures, patches, width), of the tower's last layer, as the released code reads them"""
    lead: Tensor | None
    """(pictures, 1, width): the class token's feature, where the model hands it to the language model"""


@torch.no_grad()
def see(model: Any, pixels: Tensor) -> Seen:
    """`model`: LlavaForConditionalGeneration. `pixels`: (pictures, 3, side, side)."""
    config, tower = model.config, model.model.vision_tower
    hidden = tower(pixels.to(tower.dtype), output_hidden_states=True).hidden_states
    features = hidden[config.vision_feature_layer]
    last = tower.encoder.layers[-1]
    normed = last.layer_norm1(hidden[-2])
    keys = last.self_attn.k_proj(normed)
    if config.vision_config.model_type != "clip_vision_model":
        return Seen(features, mean_attention(last.self_attn.q_proj(normed), keys), keys, None)
    attention = class_attention(last.self_attn.q_proj(normed[:, 0]), keys)
    lead = features[:, :1] if config.vision_feature_select_strategy == "full" else None
    return Seen(features[:, 1:], attention, keys[:, 1:], lead)


@torch.no_grad()
def reduce(seen: Seen, method: Method) -> tuple[Tensor, Tensor]:
    """Rows (pictures, most, width) for the projector, and how many of them each picture has; the rest is padding."""
    if method.plan is None:
        rows = seen.features
        counts = torch.full((len(rows),), rows.shape[1], device=rows.device)
    else:
        plans = method.plan(seen.attention, seen.keys)
        rows, counts = plans.apply(seen.features), plans.counts()
    if seen.lead is None:
        return rows, counts
    return torch.cat([seen.lead, rows], 1), counts + 1
