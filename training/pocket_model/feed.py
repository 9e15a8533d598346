"""Batches by number: what a step reads depends on nothing but its number, so a run that was cut off goes on as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from torch.utils.data import DataLoader, IterableDataset

from pocket_model.blocks import BLOCK, Block, block
from pocket_world.assets import Assets

Source = tuple[str, int]
"""Sort of block and how many there are of it."""


class Visits:
    """Goes over a sort of blocks again and again, each time in another order within the blocks."""

    def __init__(self, source: Source, folder: Path, assets: Assets):
        self.sort, self.blocks = source
        self.folder, self.assets = folder, assets
        self._keep_some()

    def _keep_some(self) -> None:
        self.read = lru_cache(maxsize=3)(lambda number: block(self.sort, number, self.folder, self.assets))

    def __getstate__(self) -> dict[str, Any]:
        """Without the blocks that are kept: where processes are spawned, each keeps its own."""
        return {name: value for name, value in vars(self).items() if name != "read"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._keep_some()

    def take(self, start: int, count: int) -> list[tuple[Block, int, int]]:
        """(block, place in it, round) of the visits `start` to `start + count`."""
        taken = []
        for visit in range(start, start + count):
            number, place = divmod(visit, BLOCK)
            turn, number = divmod(number, self.blocks)
            order = np.random.default_rng((turn, number)).permutation(BLOCK)
            taken.append((self.read(number), int(order[place]), turn))
        return taken


class Steps(IterableDataset):
    """`make(step)` for one step after another."""

    def __init__(self, make: Callable[[int], Any], first: int, last: int):
        self.make, self.first, self.last = make, first, last

    def __iter__(self) -> Iterator[Any]:
        return (self.make(step) for step in range(self.first, self.last))


def feed(make: Callable[[int], Any], first: int, last: int) -> DataLoader:
    """Batches made in one process beside the training."""
    return DataLoader(Steps(make, first, last), batch_size=None, num_workers=1, prefetch_factor=3)


def choose_patches(instance: np.ndarray, count: int, dice: np.random.Generator) -> np.ndarray:
    """[scenes, 576] instances -> [scenes, count] places: what shows something first, then random background.

    One scene in ten draws from all patches alike."""
    order = dice.random(instance.shape) - 0.8 * (instance > 0) * (dice.random((len(instance), 1)) < 0.9)
    return np.sort(np.argpartition(order, count, 1)[:, :count], 1)
