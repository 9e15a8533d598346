"""Learning rates: a linear rise, then a cosine to zero (transformers' `cosine` schedule)."""

from __future__ import annotations

import math


def rate_at(step: int, steps: int, warmup: float) -> float:
    """Factor on the learning rate at `step` (from 0) of `steps`; `warmup`: share of the steps."""
    rising = math.ceil(steps * warmup)
    if step < rising:
        return step / max(1, rising)
    return 0.5 * (1 + math.cos(math.pi * (step - rising) / max(1, steps - rising)))
