"""Layers whose weights are float32 and which compute in the type of their input, bfloat16 where that is fast."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Linear(nn.Linear):
    def forward(self, input: Tensor) -> Tensor:
        bias = None if self.bias is None else self.bias.to(input.dtype)
        return F.linear(input, self.weight.to(input.dtype), bias)


class LayerNorm(nn.LayerNorm):
    def forward(self, input: Tensor) -> Tensor:
        return F.layer_norm(
            input, self.normalized_shape, self.weight.to(input.dtype), self.bias.to(input.dtype), self.eps
        )


class RmsNorm(nn.Module):
    def __init__(self, width: int, eps: float = 1e-5):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, input: Tensor) -> Tensor:
        return F.rms_norm(input, input.shape[-1:], self.weight.to(input.dtype), self.eps)


def heads_of(rows: Tensor, heads: int) -> Tensor:
    """[B, N, heads * d] -> [B, heads, N, d]"""
    return rows.unflatten(-1, (heads, -1)).transpose(1, 2)


def scores_of(query: Tensor, key: Tensor) -> Tensor:
    """[B, h, Q, d], [B, h, K, d] -> [B, h, Q, K], scaled."""
    return (query * (1 / math.sqrt(query.shape[-1]))) @ key.transpose(-1, -2)


def attend(query: Tensor, key: Tensor, value: Tensor, causal: bool = False) -> Tensor:
    """[B, h, Q, d], [B, h, K, d], [B, h, K, d] -> [B, h, Q, d]; causal: a row sees itself and those before it.

    In bfloat16 it is written out: the processor's matrix units then do the products, twice as fast as the fused kernel.
    In float32, where there are none, the fused kernel is faster, since the scores never leave the cache."""
    if query.dtype is torch.float32:
        return F.scaled_dot_product_attention(query, key, value, is_causal=causal)
    scores = scores_of(query, key)
    if causal:
        scores = scores + torch.full(scores.shape[-2:], float("-inf"), dtype=scores.dtype).triu(1)
    return torch.softmax(scores, -1) @ value


def merge_heads(attended: Tensor) -> Tensor:
    """[B, heads, N, d] -> [B, N, heads * d]"""
    return attended.transpose(1, 2).flatten(2)


def compute_dtype() -> torch.dtype:
    """bfloat16 where the processor multiplies matrices in it (AMX, AVX-512's BF16), else float32. Nothing of this training
    leaves it."""
    try:
        with open("/proc/cpuinfo") as file:
            flags = file.read()
            return torch.bfloat16 if "amx_bf16" in flags or "avx512_bf16" in flags else torch.float32
    except OSError:
        return torch.float32
