"""The description of a clip: everything that its frames show, from which questions and answers follow."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from pocket_world.colours import Shade
from pocket_world.scene import PATCH, Background, Box, Print

SIDE = 224
"""Width and height of a frame in pixels: Video-LLaVA's."""
GRID = SIDE // PATCH
FRAMES = 8
"""Frames of a clip: as many as Video-LLaVA takes, so that none is missed."""
MILLISECONDS = 500
"""For which a frame is shown."""

ENDS = {"across": ("left", "right"), "down": ("top", "bottom")}
"""Both ends of a lane, by where lanes run."""
WAYS = {"across": ("left", "right"), "down": ("up", "down")}
"""Ways to move in it, towards these ends."""


@dataclass(frozen=True)
class Actor:
    """A thing with what it does. All kinds of a clip differ, so that "the cat" says which."""

    kind: str
    mirrored: bool
    boxes: tuple[Box | None, ...]
    """where it is in each frame; None: not there"""
    colours: tuple[str, ...]
    """a shape's colour in each frame; icons have none"""
    shades: tuple[Shade, ...]
    way: str | None
    """left, right, up or down where it moves"""

    @property
    def first(self) -> int:
        """The first frame that shows it."""
        return next(frame for frame, box in enumerate(self.boxes) if box)

    @property
    def last(self) -> int:
        return max(frame for frame, box in enumerate(self.boxes) if box)

    @property
    def comes(self) -> bool:
        return self.first > 0

    @property
    def leaves(self) -> bool:
        return self.last < len(self.boxes) - 1

    @property
    def changes(self) -> bool:
        """Whether its colour does."""
        return len(set(self.colours)) > 1

    @property
    def does(self) -> str:
        """In a word."""
        if self.comes and self.leaves:
            return "passes"
        if self.comes:
            return "comes"
        if self.leaves:
            return "leaves"
        return "moves" if self.way else "changes" if self.changes else "stays"


@dataclass(frozen=True)
class Flash:
    """A word that one frame shows."""

    frame: int
    print: Print


@dataclass(frozen=True)
class Clip:
    seed: int
    split: str
    lanes: str
    """across: one above the other; down: side by side"""
    background: Background
    actors: tuple[Actor, ...]
    """in the order of their lanes, from the top or from the left"""
    flash: Flash | None

    def to_json(self) -> str:
        """One line, the same bytes for the same seed on every machine."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))
