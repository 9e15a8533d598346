"""Which questions about which test clips go into a benchmark: types by their shares, rare answers first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from pocket_video.ask import Asked
from pocket_video.choose import Choice, choose
from pocket_video.clip import Clip
from pocket_video.stream import clip_of, questions_of
from pocket_world.dice import Dice


@dataclass(frozen=True)
class Part:
    """One of the four."""

    first: int
    """number of its first test clip"""
    clips: int
    each: int
    """questions per clip"""
    shares: tuple[float, ...]
    """of the nine types"""


PARTS = {
    "msvd": Part(0, 60, 3, (3, 0, 0, 0, 2, 4, 2, 3, 0)),
    "msrvtt": Part(60, 60, 3, (2, 1, 4, 0, 2, 3, 1, 2, 1)),
    "activitynet": Part(120, 40, 6, (2, 2, 3, 4, 2, 2, 2, 2, 1)),
    "nextqa": Part(160, 60, 3, (3, 0, 4, 0, 2, 4, 2, 3, 1)),
}
_LEFT_OUT = ("first", "second")
"""Rivals of questions that name two things: with options they would name them twice."""


def select(part: str) -> list[tuple[Clip, list[Asked]]]:
    """The part's clips, each with its questions."""
    wanted = PARTS[part]
    types: Counter[int] = Counter()
    answers: Counter[tuple[str, str]] = Counter()
    dice = Dice(wanted.first)
    chosen = []
    for clip in (clip_of("test", number) for number in range(wanted.first, wanted.first + wanted.clips)):
        candidates = [asked for asked in questions_of(clip) if wanted.shares[asked.type] > 0]
        if part == "nextqa":
            candidates = [asked for asked in candidates if choose(asked, clip, Dice(0)) is not None]
        asked: list[Asked] = []
        while candidates and len(asked) < wanted.each:
            best = min(
                candidates,
                key=lambda one: (answers[_key(one)], types[one.type] / wanted.shares[one.type], dice.unit()),
            )
            candidates = [one for one in candidates if one.wording != best.wording]
            asked.append(best)
            types[best.type] += 1
            answers[_key(best)] += 1
        chosen.append((clip, asked))
    return chosen


def _key(asked: Asked) -> tuple[str, str]:
    """What is balanced: of two that are named, which one."""
    if asked.rivals == _LEFT_OUT:
        return asked.wording, _LEFT_OUT[asked.text.index(asked.answer) > asked.text.index(" or ")]
    return asked.wording, asked.answer


def with_options(chosen: list[tuple[Clip, list[Asked]]]) -> list[tuple[Clip, list[Choice]]]:
    """The same with five options; right ones at each place equally often."""
    dice = Dice(5)
    number = 0
    rows = []
    for clip, asked in chosen:
        choices = []
        for one in asked:
            choice = choose(one, clip, dice, right=number % 5)
            if choice:
                choices.append(choice)
                number += 1
        rows.append((clip, choices))
    return rows
