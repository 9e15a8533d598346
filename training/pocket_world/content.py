"""What a scene holds: which kinds, how many of each, and how large."""

from __future__ import annotations

from dataclasses import dataclass

from pocket_world.dice import Dice
from pocket_world.kinds import icons, shapes, themes

COUNTS = {0: 3, 1: 12, 2: 13, 3: 15, 4: 14, 5: 12, 6: 10, 7: 8, 8: 6, 9: 4, 10: 3}
"""Shares in percent of scenes with so many things."""

SIDES = {"tiny": (20, 27), "small": (28, 41), "medium": (42, 71), "large": (72, 140)}
"""Longest side in pixels."""
_SIZE_WEIGHTS = (
    (2, (14, 18, 34, 34)),
    (4, (22, 28, 36, 14)),
    (7, (30, 36, 32, 2)),
    (10, (40, 42, 18, 0)),
)


@dataclass(frozen=True)
class Wish:
    """What a caller wants of a scene, for curricula; left out, the usual mixture."""

    things: tuple[int, int] | None = None
    """least and most things"""
    prints: int | None = None
    """0, 1 or 2"""
    print_size: str | None = None
    """small, medium, large"""
    pattern: str | None = None
    """the background's"""


CROWD_SHARE = 0.12
"""Share of scenes with one kind five to eight times: large counts would be rare otherwise."""


def draw_count(wish: Wish, dice: Dice) -> tuple[int, int]:
    """How many things, and how often one kind stands among them (0: as it comes)."""
    if wish.things:
        return dice.between(*wish.things), 0
    if dice.chance(CROWD_SHARE):
        repeats = dice.between(5, 8)
        return dice.between(repeats, 10), repeats
    return dice.weighted(tuple(COUNTS), tuple(COUNTS.values())), 0


def draw_theme(dice: Dice) -> str | None:
    return dice.weighted(tuple(themes()), tuple(themes().values())) if dice.chance(0.65) else None


def draw_kinds(count: int, repeats: int, theme: str | None, dice: Dice) -> list[str]:
    """`count` names of kinds; in half of the scenes one of them stands several times."""
    drawn: list[str] = []
    if repeats or (count >= 2 and dice.chance(0.5)):
        repeats = repeats or dice.between(2, min(8, count))
        drawn = [_draw_kind(theme, drawn, dice, mass=False)] * repeats
    while len(drawn) < count:
        drawn.append(_draw_kind(theme, drawn, dice, mass=True))
    return dice.shuffled(drawn)


def _draw_kind(theme: str | None, taken: list[str], dice: Dice, mass: bool) -> str:
    if dice.chance(0.18):
        free = [kind.name for kind in shapes() if kind.name not in taken]
        if free:
            return dice.pick(free)
    usual = dice.chance(0.75)
    pool = [
        kind
        for kind in icons()
        if kind.name not in taken and (mass or not kind.mass) and (theme is None or not usual or theme in kind.themes)
    ]
    pool = pool or [kind for kind in icons() if kind.name not in taken and not kind.mass]
    return dice.weighted(pool, [kind.weight for kind in pool]).name


def draw_sizes(count: int, dice: Dice) -> list[str]:
    """A size class for each thing; in a third of the scenes the same for all."""
    weights = next(row for most, row in _SIZE_WEIGHTS if count <= most)
    if dice.chance(0.33):
        return [dice.weighted(tuple(SIDES), weights)] * count
    return [dice.weighted(tuple(SIDES), weights) for _ in range(count)]


def size_of(longest_side: int) -> str:
    """The class of a side, after it was fitted to the room."""
    return next((name for name, (_, most) in SIDES.items() if longest_side <= most), "large")


def draw_print_sorts(dice: Dice, count: int | None) -> list[str]:
    """No print, one, or a word and a number."""
    count = dice.weighted((0, 1, 2), (42, 42, 16)) if count is None else count
    if count == 2:
        return dice.shuffled(["word", "number"])
    return [dice.weighted(("word", "number", "letters"), (50, 40, 10)) for _ in range(count)]
