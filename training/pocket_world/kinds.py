"""What can be in a scene: icons by kind, and shapes. Data: data/kinds.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SHAPES = ("circle", "square", "triangle", "cross", "diamond", "heart")

POPULAR_WEIGHT = 4
"""How much likelier a popular kind is than another one (existence questions have popular negatives)."""

_ALIKE = (("car", "taxi"), ("truck", "ambulance"))


@dataclass(frozen=True)
class Kind:
    name: str
    plural: str
    category: str
    """animal, food, vehicle, object, nature; shape for the shapes"""
    themes: tuple[str, ...] = ()
    popular: bool = False
    mass: bool = False
    """"bread": without an article and never counted"""

    @property
    def weight(self) -> int:
        return POPULAR_WEIGHT if self.popular else 1

    @property
    def is_shape(self) -> bool:
        return self.category == "shape"


@cache
def icons() -> tuple[Kind, ...]:
    """The kinds that are drawn as icons, in the order of the file (their class numbers depend on it)."""
    rows = json.loads((Path(__file__).parent / "data/kinds.json").read_text())
    return tuple(
        Kind(row["name"], row["plural"], row["category"], tuple(row["themes"]), row["popular"], row["mass"])
        for row in rows
    )


@cache
def shapes() -> tuple[Kind, ...]:
    return tuple(Kind(name, "crosses" if name == "cross" else name + "s", "shape") for name in SHAPES)


@cache
def by_name() -> dict[str, Kind]:
    return {kind.name: kind for kind in icons() + shapes()}


@cache
def names() -> tuple[str, ...]:
    """All kinds; a kind's class number is its place here plus one (0 is background)."""
    return tuple(by_name())


@cache
def places() -> dict[str, int]:
    """Each kind's place in `names`."""
    return {name: place for place, name in enumerate(names())}


@cache
def themes() -> dict[str, int]:
    """Kinds that are often seen together: each theme with the number of its kinds."""
    counts: dict[str, int] = {}
    for theme in (theme for kind in icons() for theme in kind.themes):
        counts[theme] = counts.get(theme, 0) + 1
    return dict(sorted(counts.items()))


@cache
def of_category(category: str) -> tuple[str, ...]:
    return tuple(kind.name for kind in by_name().values() if kind.category == category)


def could_be_taken_for(name: str, present: set[str]) -> bool:
    """Whether asking for `name` would be unfair because something present looks or is nearly the same."""
    return any(name in pair and (set(pair) - {name}) & present for pair in _ALIKE)
