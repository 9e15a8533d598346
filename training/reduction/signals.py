"""What PruMerge reads of the vision tower: the class token's attention, and how many patches stand out in it."""

from __future__ import annotations

import torch
from torch import Tensor


def class_attention(query: Tensor, keys: Tensor) -> Tensor:
    """The class token's attention to the patches.

    One head over the full width, softmax over the class token and all patches, then the class token's own column
    dropped: rows sum to less than 1. Source: released `clip_encoder.py`, lines around `attn_softmax`.

    `query`: (batch, width), the class token's row of the last layer's q_proj. `keys`: (batch, 1 + patches, width), of
    its k_proj, the class token first. Returns (batch, patches), fp32 or wider."""
    query, keys = (part if part.dtype == torch.float64 else part.float() for part in (query, keys))
    logits = torch.einsum("bc,bnc->bn", query, keys) * keys.shape[-1] ** -0.5
    return logits.softmax(-1)[:, 1:]


def mean_attention(queries: Tensor, keys: Tensor, block: int = 64) -> Tensor:
    """For towers without a class token (SigLIP): the mean over all patches' attention to each patch.

    `queries`, `keys`: (batch, patches, width). Returns (batch, patches), fp32 or wider."""
    queries, keys = (part if part.dtype == torch.float64 else part.float() for part in (queries, keys))
    total = keys.new_zeros(keys.shape[:2])
    for rows in queries.split(block, dim=1):
        total = total + (rows @ keys.mT * keys.shape[-1] ** -0.5).softmax(-1).sum(1)
    return total / queries.shape[1]


def outlier_counts(attention: Tensor, iqr_factor: float = 1.5) -> Tensor:
    """How many patches of each picture lie strictly above Q3 + factor x IQR (percentiles linear): (batch,)."""
    with torch.no_grad():
        first, third = torch.quantile(attention, attention.new_tensor([0.25, 0.75]), dim=-1)
        fence = third + iqr_factor * (third - first)
        return (attention > fence[:, None]).sum(-1)


def released_counts(attention: Tensor) -> Tensor:
    """The counts of the released code: one ratio over the whole batch, and a rounding that can lose one patch."""
    batch, patches = attention.shape
    ratio = outlier_counts(attention.reshape(1, -1)).item() / (batch * patches)
    return torch.full((batch,), int(patches * ratio), device=attention.device)
