"""Exact answers by question family on validation scenes.

A greedy answer equals the expected one exactly where every expected token is the likeliest after those before it, so one
pass over packed questions tells."""

from __future__ import annotations

from collections import Counter

import torch

from pocket_model.language import LanguageModel
from pocket_model.language_data import SHARE, Packer
from pocket_model.language_objectives import LanguageObjectives
from pocket_model.tower import Tower


@torch.no_grad()
def exact_answers(
    tower: Tower,
    model: LanguageModel,
    objectives: LanguageObjectives,
    packer: Packer,
    scenes: int = 96,
    dtype: torch.dtype = torch.float32,
) -> dict[str, float]:
    """Share of right answers per family, all 576 patches."""
    right, asked = Counter(), Counter()
    for step in range(scenes // 8):
        batch = packer.batch({"validation": 8}, 576, step)
        features, _ = tower(batch.pixels, None, dtype, last=False)
        _, tokens = objectives(model, features, batch, hints=False)
        wrong = torch.zeros(batch.families.shape)
        picture, token = (batch.labels >= 0).nonzero(as_tuple=True)
        wrong.index_put_((picture, batch.question[picture, token]), (~tokens).float(), accumulate=True)
        for place, family in enumerate(SHARE):
            of_family = batch.families == place
            asked[family] += int(of_family.sum())
            right[family] += int((wrong[of_family] == 0).sum())
    return {family: right[family] / asked[family] for family in SHARE if asked[family]}
