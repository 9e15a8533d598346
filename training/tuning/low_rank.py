"""LoRA: W x + (alpha / r) B A x with W frozen (Hu et al. 2021), under the names of the peft library."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class LowRank(nn.Module):
    """A frozen linear layer and its update. B starts at zero, so that nothing changes before the first step."""

    def __init__(self, base: nn.Linear, rank: int, alpha: float, dropout: float, generator: torch.Generator):
        super().__init__()
        self.base = base.requires_grad_(False)
        bound = 1 / math.sqrt(base.in_features)  # kaiming_uniform_(a=sqrt(5)), as peft
        start = torch.rand(rank, base.in_features, generator=generator) * 2 * bound - bound
        self.A = nn.Parameter(start.to(base.weight.device))
        self.B = nn.Parameter(torch.zeros(base.out_features, rank, device=base.weight.device))
        self.scale = alpha / rank
        self.dropout = dropout

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) -> (..., out)"""
        inner = F.linear(F.dropout(x, self.dropout, self.training), self.A)
        return self.base(x) + self.scale * F.linear(inner, self.B)


def add_low_rank(model: Any, rank: int, alpha: float, dropout: float, seed: int) -> None:
    """Every linear layer of the language model but the output layer, as the released recipe has it."""
    generator = torch.Generator().manual_seed(seed)
    language = model.model.language_model
    found = [(name, layer) for name, layer in language.named_modules() if isinstance(layer, nn.Linear)]
    for name, layer in found:
        parent, _, own = name.rpartition(".")
        setattr(language.get_submodule(parent), own, LowRank(layer, rank, alpha, dropout, generator))


def low_rank_layers(model: Any) -> Iterator[tuple[str, LowRank]]:
    """With the names that the layers have in the whole model."""
    for name, layer in model.named_modules():
        if isinstance(layer, LowRank):
            yield name, layer
