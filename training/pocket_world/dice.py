"""A random source whose stream never changes.

Python keeps only `Random.random()` stable between versions, so everything is drawn from that one method."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draws from the Mersenne Twister seeded with one integer."""

    def __init__(self, seed: int):
        self._random = random.Random(seed)

    def unit(self) -> float:
        """A float in [0, 1)."""
        return self._random.random()

    def below(self, count: int) -> int:
        """An integer in [0, count)."""
        return int(self._random.random() * count)

    def between(self, low: int, high: int) -> int:
        """An integer in [low, high], both ends included."""
        return low + self.below(high - low + 1)

    def chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def pick(self, items: Sequence[T]) -> T:
        return items[self.below(len(items))]

    def weighted(self, items: Sequence[T], weights: Sequence[float]) -> T:
        """One item, with a probability in proportion to its weight."""
        left = self._random.random() * sum(weights)
        for item, weight in zip(items, weights, strict=True):
            left -= weight
            if left < 0:
                return item
        return items[-1]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """A shuffled copy."""
        rest = list(items)
        return [rest.pop(self.below(len(rest))) for _ in range(len(rest))]

    def sample(self, items: Sequence[T], count: int) -> list[T]:
        """`count` different items in random order."""
        return self.shuffled(items)[:count]
