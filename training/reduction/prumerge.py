"""PruMerge and PruMerge+ (arXiv 2403.15388; released `clip_encoder.py` of 42Shawn/LLaVA-PruMerge), batched.

Each function takes the class attention (batch, patches) and the keys without the class token's (batch, patches, width),
and returns merge plans; `plans.apply(features)` makes the reduced tokens. Pictures of a batch do not influence each
other (the released code pools them), so counts differ and shorter pictures are padded."""

from __future__ import annotations

import torch
from torch import Tensor

from reduction.plan import MergePlans, merge_plans
from reduction.signals import outlier_counts

NEIGHBOURS = 32


def prumerge(attention: Tensor, keys: Tensor, counts: Tensor | None = None, neighbours: int = NEIGHBOURS) -> MergePlans:
    """`counts` patches of highest attention each, in descending order; the outliers where no counts are given."""
    kept, is_kept = highest(attention, outlier_counts(attention) if counts is None else counts)
    return merge_plans(attention, keys, kept, is_kept, neighbours)


def prumerge_plus(
    attention: Tensor, keys: Tensor, counts: Tensor | None = None, neighbours: int = NEIGHBOURS
) -> MergePlans:
    """The adaptive rule of inference: the outliers, then every s-th patch in raster order that is not among them.

    s is a third of patches / outliers, rounded down twice, at least 1; the last patch is never sampled. Without
    outliers, where the released code raises, the 16 patches of an even 4 x 4 grid."""
    kept, is_kept = adaptive_plus(attention, counts)
    return merge_plans(attention, keys, kept, is_kept, neighbours)


def prumerge_plus_fixed(
    attention: Tensor, keys: Tensor, ratio: float = 1 / 8, neighbours: int = NEIGHBOURS
) -> MergePlans:
    """The released training variant: a fixed share by attention and as many by an even stride, duplicates and all.

    With 576 patches and 1/8: 72 + 72 rows and the global token. A patch chosen both ways has two rows. Ratios for which
    the two parts differ in length are refused (the released code raises)."""
    batch, patches = attention.shape
    count, stride = int(patches * ratio), int(1 / ratio)
    sampled = torch.arange(stride // 2, patches - 1, stride, device=attention.device)
    if len(sampled) != count:
        raise ValueError(
            f"ratio {ratio} of {patches} patches: expected as many by stride as by attention, "
            f"found {len(sampled)} and {count}"
        )
    kept = torch.cat([_descending(attention)[:, :count], sampled.expand(batch, -1)], 1)
    return merge_plans(attention, keys, kept, torch.ones_like(kept, dtype=torch.bool), neighbours)


def prumerge_fixed(attention: Tensor, keys: Tensor, ratio: float = 1 / 8, neighbours: int = NEIGHBOURS) -> MergePlans:
    """PruMerge with a fixed share of the patches in place of the outliers."""
    batch, patches = attention.shape
    counts = torch.full((batch,), int(patches * ratio), device=attention.device)
    return prumerge(attention, keys, counts, neighbours)


def highest(attention: Tensor, counts: Tensor) -> tuple[Tensor, Tensor]:
    """The patches (batch, most) of highest attention, `counts` of each picture; which of them are no padding."""
    most = int(counts.max())
    return _descending(attention)[:, :most], _first(counts, most)


def adaptive_plus(attention: Tensor, counts: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """PruMerge+'s patches (batch, most): the highest ones, then the spread ones; which of them are no padding."""
    patches = attention.shape[1]
    counts = outlier_counts(attention) if counts is None else counts
    place = torch.arange(patches, device=attention.device)
    rank = _descending(attention).argsort(-1)
    is_top = rank < counts[:, None]
    stride = (patches // counts.clamp(min=1) // 3).clamp(min=1)
    sampled = (place % stride[:, None] == 0) & (place < patches - 1)
    sampled = torch.where((counts == 0)[:, None], _even_grid(patches, attention.device), sampled)
    is_kept = is_top | sampled
    # Tops first by their rank, then the sampled ones by their place, then the rest.
    key = torch.where(is_top, rank, torch.where(is_kept, patches + place, 2 * patches + place))
    totals = is_kept.sum(-1)
    most = int(totals.max())
    return key.argsort(-1)[:, :most], _first(totals, most)


def exact_plus(attention: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """`count` patches: half of them (rounded up) by attention, the others spread evenly over the rest in raster order.

    The rule of prumerge's `tokens` and of its `maxTokens` where the adaptive rule gives more."""
    batch, patches = attention.shape
    tops = _descending(attention)[:, : (count + 1) // 2]
    spread = count - tops.shape[1]
    is_top = torch.zeros(batch, patches, dtype=torch.bool, device=attention.device).scatter_(1, tops, True)
    rest = is_top.long().sort(dim=-1, stable=True).indices[:, : patches - tops.shape[1]]
    place = torch.arange(spread, device=attention.device)
    kept = torch.cat([tops, rest[:, (2 * place + 1) * rest.shape[1] // (2 * max(spread, 1))]], 1)
    return kept, torch.ones_like(kept, dtype=torch.bool)


def _descending(attention: Tensor) -> Tensor:
    """Patches by falling attention, lower patches first among equals."""
    return attention.detach().sort(dim=-1, descending=True, stable=True).indices


def _first(counts: Tensor, most: int) -> Tensor:
    return torch.arange(most, device=counts.device)[None] < counts[:, None]


def _even_grid(patches: int, device: torch.device) -> Tensor:
    """(patches,): True for the middles of 4 x 4 equal fields."""
    side = int(patches**0.5)
    lines = [int((line + 0.5) * side / 4) for line in range(4)]
    chosen = torch.zeros(patches, dtype=torch.bool, device=device)
    chosen[[row * side + column for row in lines for column in lines]] = True
    return chosen
