"""The description of a scene: everything that the picture shows, from which questions and answers follow."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from pocket_world.colours import Shade

SIDE = 336
"""Width and height of a picture in pixels."""
PATCH = 14
"""Side of a patch of the vision tower."""
GRID = SIDE // PATCH

Box = tuple[int, int, int, int]
"""x, y, width, height in pixels."""


@dataclass(frozen=True)
class Background:
    pattern: str
    """plain, gradient, blurry, striped, checkered, dotted, busy"""
    colour: str | None
    """the colour's name where the background is plain"""
    shades: tuple[Shade, ...]
    scale: int
    """period of the pattern in pixels"""
    angle: int
    """degrees"""
    grain: int
    """standard deviation of the noise on top; 0 = none"""
    seed: int


@dataclass(frozen=True)
class Thing:
    """An icon or a shape."""

    id: int
    kind: str
    category: str
    colour: str | None
    """a shape's colour; icons have many"""
    shade: Shade | None
    box: Box
    size: str
    """tiny (under two patches), small, medium, large"""
    mirrored: bool

    @property
    def is_detail(self) -> bool:
        return self.size == "tiny"

    @property
    def centre(self) -> tuple[float, float]:
        x, y, width, height = self.box
        return x + width / 2, y + height / 2

    @property
    def side(self) -> int:
        """The longer side: what "bigger" goes by, since it is drawn alike for every kind."""
        return max(self.box[2:])


@dataclass(frozen=True)
class Print:
    """A printed word or number. Printed in capitals."""

    id: int
    string: str
    sort: str
    """word, number, letters"""
    size: str
    """small (capitals lower than one patch), medium, large"""
    colour: str
    shade: Shade
    box: Box
    font: str
    plate: str | None
    """colour of the plate behind it"""
    plate_shade: Shade | None
    plate_box: Box | None

    @property
    def is_detail(self) -> bool:
        return self.size == "small"


@dataclass(frozen=True)
class Scene:
    seed: int
    split: str
    layout: str
    style: str
    theme: str | None
    background: Background
    things: tuple[Thing, ...]
    prints: tuple[Print, ...]

    def to_json(self) -> str:
        """One line, the same bytes for the same seed on every machine."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @property
    def items(self) -> tuple[Thing | Print, ...]:
        """The things in order, then the prints. An item's number is its place here plus one; 0 is the background."""
        return (*self.things, *self.prints)

    def number_of(self, item: Thing | Print) -> int:
        return self.items.index(item) + 1

    def kinds(self) -> dict[str, int]:
        """How often each kind is there."""
        counts: dict[str, int] = {}
        for thing in self.things:
            counts[thing.kind] = counts.get(thing.kind, 0) + 1
        return counts

    def of_kind(self, kind: str) -> tuple[Thing, ...]:
        return tuple(thing for thing in self.things if thing.kind == kind)

    def single(self) -> tuple[Thing, ...]:
        """The things whose kind is there once, so that "the dog" says which."""
        counts = self.kinds()
        return tuple(thing for thing in self.things if counts[thing.kind] == 1)
