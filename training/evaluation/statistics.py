"""95 % percentile bootstrap intervals over pictures, benchmark by benchmark (each resampled by itself)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Units = dict[str, NDArray[np.float64]]
"""Credit of each unit, 0 to 1, by task; the same units in the same order for all that is compared"""

Clusters = dict[str, NDArray[np.int64]]
"""Number of each unit's picture, from 0, by task: units about one picture are drawn together"""


@dataclass(frozen=True)
class Estimate:
    value: float
    low: float
    high: float


class Resamples:
    """The same draws for everything that is compared, so that differences are paired."""

    def __init__(self, clusters: Clusters, count: int = 2000, seed: int = 0):
        generator = np.random.default_rng(seed)
        self.weights = {task: _weights(own, count, generator) for task, own in clusters.items()}

    def means(self, units: Units) -> NDArray[np.float64]:
        """Percent right, mean over the benchmarks, of each resample."""
        return 100 * np.mean([self.weights[task] @ credit for task, credit in units.items()], axis=0)

    def mean(self, units: Units) -> Estimate:
        return estimate(mean(units), self.means(units))

    def difference(self, first: Units, second: Units) -> Estimate:
        return estimate(mean(first) - mean(second), self.means(first) - self.means(second))

    def recovered(self, full: Units, reduced: Units, tuned: Units) -> Estimate:
        """Share, in percent, of what `reduced` loses against `full` that `tuned` brings back. Resamples in which
        nothing is lost have no such share; where they are many the interval is infinite: there is no certain loss."""
        lost = self.means(full) - self.means(reduced)
        back = self.means(tuned) - self.means(reduced)
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = np.where(lost > 0, 100 * back / lost, np.where(back >= 0, np.inf, -np.inf))
        whole = mean(full) - mean(reduced)
        value = 100 * (mean(tuned) - mean(reduced)) / whole if whole > 0 else float("nan")
        return estimate(value, shares)


def _weights(clusters: NDArray[np.int64], count: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """(count, units), each row's sum 1: how often each unit was drawn with its picture."""
    size = int(clusters.max()) + 1
    drawn = generator.multinomial(size, np.full(size, 1 / size), count)[:, clusters]
    return drawn / drawn.sum(axis=1, keepdims=True)


def mean(units: Units) -> float:
    return 100 * float(np.mean([credit.mean() for credit in units.values()]))


def estimate(value: float, replicates: NDArray[np.float64]) -> Estimate:
    low, high = np.quantile(replicates, [0.025, 0.975], method="inverted_cdf")
    return Estimate(value, float(low), float(high))
