"""How the prompts of a stage differ: where picture and text stand, what comes before them, and which question is the first.

Real language models meet text at every place and at every distance from a picture; one that was only ever asked at the place
right behind 576 patches knows no other. Here places are drawn. All patches are always there: what is reduced is never seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from tokenizers import Tokenizer

from pocket_model.language import LONGEST
from pocket_model.words import BEGIN, END, USER
from questions.prompts import HINTS, SYSTEM

START = 640
"""The picture begins at most so far behind where it plainly would."""
GAP = 1024
"""A question begins at most so far behind the picture."""
SPACING = (1 / 32, 2.0)
"""Places from a patch to the next, on average over a picture."""
UNEVEN = (0.1, 1.0, 10.0)
"""Shapes of the gamma distribution that single distances are drawn from: from bursts to nearly even."""
_SENTENCES = 8
_TURNS = 3


@dataclass(frozen=True, kw_only=True)
class Variety:
    """Shares from 0 to 1; as it stands, every prompt is plain."""

    moved: float = 0.0
    """scenes whose picture or questions stand elsewhere than plainly"""
    told: float = 0.0
    """steps with a system message before the picture"""
    chained: float = 0.0
    """questions that are a further turn of the conversation before them"""
    weights: Mapping[str, float] = field(default_factory=dict)
    """by how much more gladly a question of a family is taken; 1 where none is named"""


def before_picture(tokenizer: Tokenizer, told: str = "") -> list[int]:
    """Ids of what comes before the picture: a system message if there is one, and whose turn it is."""
    message = [*tokenizer.encode(f"SYSTEM: {told}", add_special_tokens=False).ids, END] if told else []
    return [BEGIN, *message, *tokenizer.encode(f"{USER} ", add_special_tokens=False).ids]


def system_message(dice: np.random.Generator) -> str:
    """One to eight sentences that say nothing about any answer."""
    return " ".join(dice.choice((SYSTEM, *HINTS), dice.integers(1, _SENTENCES + 1)))


def conversations(count: int, chained: float, dice: np.random.Generator) -> list[int]:
    """How many turns each conversation over `count` questions has; at most three."""
    turns: list[int] = []
    for further in dice.random(count) < chained:
        if further and turns and turns[-1] < _TURNS:
            turns[-1] += 1
        else:
            turns.append(1)
    return turns


def plain_places(before: int, patches: int, lengths: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """One place after the other, and every conversation right behind the picture."""
    return np.arange(before + patches, dtype=np.float64), np.full(len(lengths), before + patches)


def moved_places(
    before: int, patches: int, lengths: list[int], dice: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Places [before + patches] of what comes before and of the patches, rising, and [conversations] where each of these
    lengths begins, all within the model's context. Half of the scenes have their picture where it plainly is, four in ten
    patches one apart, half of the conversations begin right behind the picture."""
    steps = np.ones(patches)
    if dice.random() < 0.6:
        steps = dice.gamma(dice.choice(UNEVEN), size=patches) + 1e-6
        steps *= patches * np.exp(dice.uniform(*np.log(SPACING))) / steps.sum()
    span = np.cumsum(steps)
    longest = max(lengths, default=0)
    free = LONGEST - before - int(np.ceil(span[-1])) - longest
    if free < 0:
        raise ValueError(f"expected prompts of at most {LONGEST} places, found {LONGEST - free}: ask shorter questions")
    start = int(dice.integers(0, min(START, free) + 1)) if dice.random() < 0.5 else 0
    prefix = np.arange(before, dtype=np.float64)
    prefix[1:] += start  # the first token stays the first
    picture = before + start + span - steps[0]
    end = int(np.floor(picture[-1])) + 1
    gaps = dice.integers(0, min(GAP, free - start) + 1, len(lengths)) * (dice.random(len(lengths)) < 0.5)
    return np.concatenate([prefix, picture]), end + gaps
