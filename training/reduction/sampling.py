"""The samplings that any method has to beat at the same count: the very patches that prumerge's planner takes."""

from __future__ import annotations

import torch
from torch import Tensor

from reduction.plan import MergePlans


def uniform(rows: int, columns: int, count: int) -> list[int]:
    """`count` patches of a grid: round(sqrt(count)) rows of the grid, evenly spread patches on each, and one more in
    the first rows where that leaves some over."""
    lines = min(rows, max(-(-count // columns), int(count**0.5 + 0.5)))
    kept = []
    for line in range(lines):
        across = count // lines + (line < count % lines)
        kept += [_even(line, lines, rows) * columns + _even(place, across, columns) for place in range(across)]
    return kept


def random(patches: int, count: int, seed: int) -> list[int]:
    """`count` of `patches`, ascending: the beginning of a Fisher-Yates shuffle by mulberry32."""
    order = list(range(patches))
    state = seed
    for at in range(count):
        state, number = _mulberry32(state)
        other = at + int(number * (patches - at))
        order[at], order[other] = order[other], order[at]
    return sorted(order[:count])


def one_hot(kept: list[list[int]], patches: int) -> MergePlans:
    """Plans that hand on the given patches of each picture unchanged."""
    most = max(len(patches_of_one) for patches_of_one in kept)
    places = torch.tensor([[*one, *[-1] * (most - len(one))] for one in kept])
    is_row = places >= 0
    weights = torch.nn.functional.one_hot(places.clamp(min=0), patches).float() * is_row[..., None]
    return MergePlans(weights, is_row, places)


def picture_seed(digest: str, seed: int) -> int:
    """`prumerge eval` draws anew for every picture, by the first 32 bits of its sha256."""
    return seed ^ int(digest[:8], 16)


def counts(plans: MergePlans | None, features: Tensor) -> list[int]:
    """Rows of each picture; all patches where there are no plans."""
    return plans.counts().tolist() if plans is not None else [features.shape[1]] * len(features)


def _even(place: int, count: int, size: int) -> int:
    return (2 * place + 1) * size // (2 * count)


def _mulberry32(state: int) -> tuple[int, float]:
    """Public-domain generator of 32 bits of state: the next state and a number in [0, 1)."""
    state = (state + 0x6D2B79F5) & 0xFFFFFFFF
    mixed = ((state ^ (state >> 15)) * (state | 1)) & 0xFFFFFFFF
    mixed ^= (mixed + (mixed ^ (mixed >> 7)) * (mixed | 61)) & 0xFFFFFFFF
    return state, ((mixed ^ (mixed >> 14)) & 0xFFFFFFFF) / 2**32
