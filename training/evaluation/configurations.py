"""Ways to reduce that are compared: the unreduced model, methods, and samplings at each method's own counts."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from reduction.methods import Method, method
from reduction.plan import MergePlans
from reduction.sampling import counts, one_hot, picture_seed, random, uniform
from tuning.sight import Seen

SAMPLINGS = ("uniform", "random")


@dataclass(frozen=True)
class Configuration:
    name: str
    """`none`; `prumerge+:adaptive:144`; `uniform as prumerge`: as many patches of each picture as PruMerge has rows"""
    method: Method
    sampling: str | None = None

    def plans(self, seen: Seen, digests: list[str], seed: int) -> MergePlans | None:
        """`digests`: sha256 of each picture's file, which `random` draws by."""
        plans = self.method.plan(seen.attention, seen.keys) if self.method.plan else None
        if self.sampling is None:
            return plans
        patches = seen.features.shape[1]
        side = int(patches**0.5)
        kept = [
            uniform(side, side, min(count, patches))
            if self.sampling == "uniform"
            else random(patches, min(count, patches), picture_seed(digest, seed))
            for count, digest in zip(counts(plans, seen.features), digests, strict=True)
        ]
        return one_hot(kept, patches)


def configurations(names: list[str]) -> list[Configuration]:
    """The unreduced model first, then each method with the samplings at its counts."""
    found = [Configuration("none", method("none"))]
    for name in names:
        own = method(name)
        found.append(Configuration(name, own))
        found += [Configuration(f"{sampling} as {name}", own, sampling) for sampling in SAMPLINGS]
    return found


def rows(plans: MergePlans | None, seen: Seen) -> list[Tensor]:
    """(visual tokens, width) of each picture, for the projector."""
    reduced = seen.features if plans is None else plans.apply(seen.features)
    own = counts(plans, seen.features)
    return [picture[:count] for picture, count in zip(reduced, own, strict=True)]
