"""A batch of merge plans: every reduced token as a weighted sum of patches."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class MergePlans:
    """Rows of a picture: its kept patches in order, then the global token; then padding up to the batch's longest."""

    weights: Tensor
    """(batch, rows, patches); padding rows are 0"""
    is_row: Tensor
    """(batch, rows), False for padding"""
    kept: Tensor
    """(batch, rows), each row's own patch; -1 for the global token and for padding"""

    def apply(self, features: Tensor) -> Tensor:
        """(batch, patches, width) -> (batch, rows, width). Differentiable in the features and in the attention."""
        return (self.weights @ features.to(self.weights.dtype)).to(features.dtype)

    def counts(self) -> Tensor:
        """Rows of each picture, the global token included."""
        return self.is_row.sum(-1)


def merge_plans(attention: Tensor, keys: Tensor, kept: Tensor, is_kept: Tensor, neighbours: int) -> MergePlans:
    """Each kept patch plus its neighbours' attention-weighted sum, and the global token.

    Neighbours are the most similar ones by cosine of keys among all other candidates: the kept rows but this one, then
    the patches left over. Where a patch is kept twice, each row is a candidate of its twin, and as many of the lowest
    left-over patches drop out as there are duplicates: the released code's `complement_idx` does so. Nothing is
    normalised. The global token is the attention-weighted sum of the left-over patches.

    `attention`: (batch, patches). `keys`: (batch, patches, width), without the class token's. `kept`: (batch, most),
    patch of each row; `is_kept`: False for padding. Weights are differentiable in the attention only; which patches
    are chosen is not differentiable."""
    batch, patches = attention.shape
    kept = kept.clamp(min=0)
    left = _left_over(kept, is_kept, patches)
    own = F.one_hot(kept, patches).to(attention.dtype)
    with torch.no_grad():
        near, is_near = _neighbours(keys, kept, is_kept, left, neighbours)
    shares = attention.gather(1, near.flatten(1)).view_as(near) * is_near
    rows = (own.scatter_add(2, near, shares)) * is_kept[..., None]
    weights = torch.cat([rows, attention.new_zeros(batch, 1, patches)], 1)
    last = is_kept.sum(-1)
    place = torch.arange(weights.shape[1], device=kept.device)[None]
    is_global = place == last[:, None]
    weights = torch.where(is_global[..., None], (attention * left)[:, None], weights)
    own_patch = torch.cat([kept, kept.new_zeros(batch, 1)], 1).masked_fill(place >= last[:, None], -1)
    return MergePlans(weights, place <= last[:, None], own_patch)


def _left_over(kept: Tensor, is_kept: Tensor, patches: int) -> Tensor:
    """(batch, patches): not kept, and not among the lowest ones that duplicates push out."""
    times = torch.zeros(kept.shape[0], patches, device=kept.device, dtype=torch.long)
    times = times.scatter_add(1, kept, is_kept.long())
    free = times == 0
    pushed_out = (times - 1).clamp(min=0).sum(-1, keepdim=True)
    return free & (free.long().cumsum(-1) > pushed_out)


def _neighbours(keys: Tensor, kept: Tensor, is_kept: Tensor, left: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Patches of the neighbours of each row (batch, most, count), and which of them are real."""
    batch, most = kept.shape
    patches = left.shape[1]
    unit = F.normalize(keys if keys.dtype == torch.float64 else keys.float(), dim=-1)
    rows = unit.gather(1, kept[..., None].expand(-1, -1, unit.shape[-1]))
    to_patches = rows @ unit.mT
    to_rows = rows @ rows.mT
    similarity = torch.cat([to_rows, to_patches], 2)
    candidates = torch.cat([is_kept, left], 1)[:, None].repeat(1, most, 1)
    candidates[:, range(most), range(most)] = False
    similarity = similarity.masked_fill(~candidates, -torch.inf)
    found, place = similarity.topk(min(count, most + patches - 1), dim=-1)
    every = torch.arange(patches, device=kept.device).expand(batch, -1)
    patch = torch.cat([kept, every], 1)[:, None].expand(-1, most, -1)
    return patch.gather(2, place), found > -torch.inf
