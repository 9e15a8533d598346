"""The free room of a picture while it is filled."""

from __future__ import annotations

from pocket_world.dice import Dice
from pocket_world.scene import SIDE, Box


class Room:
    """Boxes taken so far; none overlaps another."""

    EDGE = 2
    GAP = 4

    def __init__(self) -> None:
        self._taken: list[Box] = []

    def is_free(self, box: Box) -> bool:
        x, y, width, height = box
        edge, gap = self.EDGE, self.GAP
        if x < edge or y < edge or x + width > SIDE - edge or y + height > SIDE - edge:
            return False
        return not any(
            x < a + w + gap and a < x + width + gap and y < b + h + gap and b < y + height + gap
            for a, b, w, h in self._taken
        )

    def take(self, box: Box) -> None:
        self._taken.append(box)

    def find(self, width: int, height: int, dice: Dice, attempts: int = 60) -> tuple[int, int] | None:
        """A free place for a box of this size, taken at once."""
        for _ in range(attempts):
            x = dice.between(self.EDGE, max(self.EDGE, SIDE - self.EDGE - width))
            y = dice.between(self.EDGE, max(self.EDGE, SIDE - self.EDGE - height))
            if self.is_free((x, y, width, height)):
                self.take((x, y, width, height))
                return x, y
        return None
