"""Reductions by the names and settings of prumerge's command line.

`none`; `prumerge:BUDGET` and `prumerge+:BUDGET`, where BUDGET is
- `adaptive` (default): the outliers of each picture's class attention;
- `adaptive:N`: the same, with at most N rows;
- `N`: exactly N rows;
- `fixed` or `fixed:RATIO`: the variant that the released code trains with, RATIO 0.125 (PruMerge+ with its duplicates),
  at most 1.
Rows count everything that the language model gets, the global token included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from reduction.plan import MergePlans, merge_plans
from reduction.prumerge import (
    NEIGHBOURS,
    adaptive_plus,
    exact_plus,
    highest,
    prumerge_fixed,
    prumerge_plus_fixed,
)
from reduction.signals import outlier_counts

RELEASED_RATIO = 1 / 8


@dataclass(frozen=True)
class Method:
    name: str
    """As it was written"""
    plan: Callable[[Tensor, Tensor], MergePlans] | None
    """(attention, keys) -> plans; None keeps every patch"""


def method(text: str) -> Method:
    """Raises ValueError for what is no method or no budget."""
    name, _, budget = text.partition(":")
    if name == "none" and not budget:
        return Method(text, None)
    if name not in ("prumerge", "prumerge+"):
        raise ValueError(f"method {text!r}: expected none, prumerge[:BUDGET] or prumerge+[:BUDGET]")
    plus = name == "prumerge+"
    kind, _, number = (budget or "adaptive").partition(":")
    if kind == "fixed":
        ratio = _ratio(text, number) if number else RELEASED_RATIO
        fixed = prumerge_plus_fixed if plus else prumerge_fixed
        return Method(text, lambda attention, keys: fixed(attention, keys, ratio))
    if kind == "adaptive":
        cap = _count(text, number) if number else None
        return Method(text, lambda attention, keys: adaptive(attention, keys, plus, cap))
    rows = _count(text, budget)
    return Method(text, lambda attention, keys: exact(attention, keys, plus, rows))


def exact(attention: Tensor, keys: Tensor, plus: bool, rows: int) -> MergePlans:
    """`rows` rows of each picture, 1 .. patches + 1."""
    kept, is_kept = _exact(attention, plus, rows)
    return merge_plans(attention, keys, kept, is_kept, NEIGHBOURS)


def adaptive(attention: Tensor, keys: Tensor, plus: bool, cap: int | None = None) -> MergePlans:
    """The adaptive rule; a picture for which it gives more than `cap` rows gets exactly `cap`."""
    kept, is_kept = adaptive_plus(attention) if plus else highest(attention, outlier_counts(attention))
    if cap is not None:
        over = (is_kept.sum(-1) + 1 > cap)[:, None]
        fewer, are_fewer = _exact(attention, plus, min(cap, attention.shape[1] + 1))
        most = max(kept.shape[1], fewer.shape[1])
        kept = torch.where(over, _widen(fewer, most), _widen(kept, most))
        is_kept = torch.where(over, _widen(are_fewer, most), _widen(is_kept, most))
    most = int(is_kept.sum(-1).max())
    return merge_plans(attention, keys, kept[:, :most], is_kept[:, :most], NEIGHBOURS)


def _exact(attention: Tensor, plus: bool, rows: int) -> tuple[Tensor, Tensor]:
    batch, patches = attention.shape
    if not 1 <= rows <= patches + 1:
        raise ValueError(f"expected 1 to {patches + 1} rows, found {rows}")
    if plus:
        return exact_plus(attention, rows - 1)
    return highest(attention, torch.full((batch,), rows - 1, device=attention.device))


def _widen(table: Tensor, width: int) -> Tensor:
    return torch.nn.functional.pad(table, (0, width - table.shape[1]))


def _count(text: str, number: str) -> int:
    try:
        value = int(number)
    except ValueError:
        raise ValueError(f"method {text!r}: expected a whole number, found {number!r}") from None
    if value <= 0:
        raise ValueError(f"method {text!r}: expected a number above 0, found {number}")
    return value


def _ratio(text: str, number: str) -> float:
    try:
        value = float(number)
    except ValueError:
        raise ValueError(f"method {text!r}: expected a number, found {number!r}") from None
    if not 0 < value <= 1:  # nor NaN
        raise ValueError(f"method {text!r}: expected a ratio above 0 and at most 1, found {number}")
    return value
