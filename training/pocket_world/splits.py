"""Which scenes are for what. A seed belongs to at most one split, so no scene can be in two."""

from __future__ import annotations

SPLITS: dict[str, range] = {
    "train": range(0, 100_000_000),
    "validation": range(100_000_000, 110_000_000),
    "test": range(200_000_000, 210_000_000),
}


def split_of(seed: int) -> str:
    """The split that a seed belongs to; refuses a seed of none."""
    for name, seeds in SPLITS.items():
        if seed in seeds:
            return name
    raise ValueError(f"seed {seed} belongs to no split; expected one of {SPLITS}")


def seeds_of(split: str, start: int, count: int) -> range:
    """`count` seeds of a split from its `start`-th on; refuses to run out of the split."""
    seeds = SPLITS[split]
    if start < 0 or count < 0 or start + count > len(seeds):
        raise ValueError(f"{split} has {len(seeds)} seeds; expected a part of them, found {start} + {count}")
    return seeds[start : start + count]
