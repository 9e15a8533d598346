"""Words that are printed in scenes. Some are held back: they are printed in test scenes only, so that a model which
reads letters can be told from one which knows its words by sight."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from pocket_world.dice import Dice


@cache
def _table() -> dict[str, tuple[str, ...]]:
    rows = json.loads((Path(__file__).parent / "data/words.json").read_text())
    return {part: tuple(words.upper().split()) for part, words in rows.items()}


def known_words() -> tuple[str, ...]:
    """Words of all splits."""
    return _table()["train"]


def held_back_words() -> tuple[str, ...]:
    """Words of the test split only."""
    return _table()["held_back"]


def draw_word(split: str, dice: Dice) -> str:
    """A word of the split; one in four of the test split's is held back from the others."""
    if split == "test" and dice.chance(0.25):
        return dice.pick(held_back_words())
    return dice.pick(known_words())


def draw_number(dice: Dice) -> str:
    """A number of one to four digits."""
    digits = dice.weighted((1, 2, 3, 4), (1, 4, 4, 2))
    return str(dice.between(0 if digits == 1 else 10 ** (digits - 1), 10**digits - 1))


def draw_letters(dice: Dice) -> str:
    """Two to five random letters, no word."""
    return "".join(dice.pick("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(dice.between(2, 5)))
