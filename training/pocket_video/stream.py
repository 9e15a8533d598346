"""Clips by split and number, and the questions about each."""

from __future__ import annotations

from pocket_video.ask import Asked, ask
from pocket_video.clip import Clip
from pocket_video.compose import compose
from pocket_world.dice import Dice
from pocket_world.splits import seeds_of

STARTS = {"train": 50_000_000, "validation": 0, "test": 6_000_000}
"""First seed of a split's clips within the split."""
_ASK_STREAM = 1 << 44


def clip_of(split: str, number: int) -> Clip:
    return compose(seeds_of(split, STARTS[split] + number, 1)[0])


def questions_of(clip: Clip) -> list[Asked]:
    """The same ones every time."""
    return ask(clip, Dice(_ASK_STREAM + clip.seed))
