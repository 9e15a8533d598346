"""What every stage of training says of itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Stage:
    name: str
    steps: int
    shares: dict[str, int]
    """scenes of each sort per step"""
    rate: tuple[float, float]
    """factor of the learning rate at the start and at the end"""
    warm: int = 0
    """steps within which the rate rises from nothing"""

    def rate_at(self, step: int) -> float:
        """Factor of the learning rate."""
        return min(1.0, (step + 1) / self.warm if self.warm else 1.0) * self.fade(self.rate, step)

    def fade(self, ends: tuple[float, float], step: int) -> float:
        """On a straight line from the first value, at the stage's start, to the second, at its end."""
        first, last = ends
        return first + (last - first) * step / self.steps
