"""Layout families: where the things of a scene may stand."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from pocket_world.dice import Dice
from pocket_world.scene import SIDE

MARGIN = 6


@dataclass(frozen=True)
class Spot:
    """A place for one thing: its centre, how far it may be moved, and the longest side that fits."""

    x: float
    y: float
    play: float
    room: int


def scatter(count: int, dice: Dice) -> list[Spot]:
    """Anywhere."""
    return [Spot(SIDE / 2, SIDE / 2, SIDE / 2, SIDE) for _ in range(count)]


def rows(count: int, dice: Dice) -> list[Spot]:
    """One to three straight rows, filled one after the other."""
    lines = 1 if count <= 3 else 2 if count <= 6 else 3
    longest = max(1, -(-count // lines))
    step = (SIDE - 2 * MARGIN) / longest
    height = (SIDE - 2 * MARGIN) / (lines + 1)
    shift = dice.between(-20, 20)
    return [
        Spot(
            MARGIN + step * (place % longest + 0.5),
            MARGIN + height * (place // longest + 1) + shift,
            4,
            int(min(step, height) * 0.85),
        )
        for place in range(count)
    ]


def grid(count: int, dice: Dice) -> list[Spot]:
    """Cells of a square grid, some of them empty."""
    cells = 2 if count <= 3 else 3 if count <= 7 else 4
    step = (SIDE - 2 * MARGIN) / cells
    chosen = dice.sample(range(cells * cells), count)
    return [
        Spot(MARGIN + step * (cell % cells + 0.5), MARGIN + step * (cell // cells + 0.5), step * 0.06, int(step * 0.8))
        for cell in chosen
    ]


def cluster(count: int, dice: Dice) -> list[Spot]:
    """Crowded around one or two centres."""
    centres = [(dice.between(90, SIDE - 90), dice.between(90, SIDE - 90)) for _ in range(1 + (count > 5))]
    reach = 26 + 15 * math.sqrt(count)
    return [Spot(*centres[place % len(centres)], reach, SIDE // 3) for place in range(count)]


def ring(count: int, dice: Dice) -> list[Spot]:
    """On a circle around the middle."""
    radius = dice.between(96, 122)
    turn = dice.unit() * 2 * math.pi
    room = int(min(80, 2 * radius * math.sin(math.pi / max(2, count)) * 0.8))
    angles = [turn + 2 * math.pi * place / max(1, count) for place in range(count)]
    return [Spot(SIDE / 2 + radius * math.cos(a), SIDE / 2 + radius * math.sin(a), 4, room) for a in angles]


LAYOUTS: dict[str, tuple[Callable[[int, Dice], list[Spot]], int]] = {
    "scatter": (scatter, 46),
    "rows": (rows, 18),
    "grid": (grid, 18),
    "cluster": (cluster, 18),
}
"""Families of every split, with their shares in percent."""

HELD_BACK_LAYOUT = "ring"
"""The family that only test scenes have."""
STRUCTURED = ("rows", "grid", "ring")


def spots_of(layout: str, count: int, dice: Dice) -> list[Spot]:
    return (ring if layout == HELD_BACK_LAYOUT else LAYOUTS[layout][0])(count, dice)
