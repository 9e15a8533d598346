"""Trains the tower's last layer alone, for a class token that looks at few patches.

Nothing but token reduction reads that layer's attention: the language model gets the rows before it, which stay as they are.
The class token has its objectives as before, and pays for every attention score by its distance from the picture's mean. That
is a lasso on attention: it knows neither labels nor a reducer, and one patch that tells what a thing is costs less than all
of the thing's patches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from pocket_model.feed import Source, feed
from pocket_model.layers import compute_dtype
from pocket_model.optimiser import Optimiser
from pocket_model.run_state import StageRun
from pocket_model.stage import Stage
from pocket_model.tower import WIDTH, Tower
from pocket_model.vision_data import open_visits, vision_batch
from pocket_model.vision_objectives import WEIGHTS, VisionHeads
from pocket_model.vision_stage import class_accuracy
from pocket_world.assets import Assets
from pocket_world.scene import GRID
from reduction.signals import class_attention, outlier_counts


@dataclass(frozen=True, kw_only=True)
class ClassStage(Stage):
    """All patches of a scene are looked at."""

    letters: float
    """weight of naming the letters of a print, beside WEIGHTS"""
    lasso: float
    """weight of the scores' mean distance from their mean"""


def train_class(
    stage: ClassStage, sources: tuple[Source, ...], blocks: Path, folder: Path, start: Path, assets: Assets
) -> None:
    """Runs a stage to its end, from its own checkpoint where there is one, else from the end of the vision stages."""
    torch.manual_seed(3)
    tower, heads = Tower(), VisionHeads(WIDTH)
    tower.requires_grad_(False)
    last = tower.encoder.layers[-1].requires_grad_()
    tower.post_layernorm.requires_grad_()
    matrices = [weight for weight in last.parameters() if weight.dim() == 2]
    weights = (*last.parameters(), *tower.post_layernorm.parameters(), *heads.whole.parameters())
    optimiser = Optimiser(matrices, weights, muon=0.02, adam=2e-3, decay=0.02)
    run = StageRun(folder, stage.name, {"tower": tower, "heads": heads, "optimiser": optimiser})
    run.begin(start, ("tower", "heads"))
    make = partial(vision_batch, open_visits(sources, blocks, assets), stage.shares, GRID * GRID)
    dtype = compute_dtype()
    for batch in feed(make, run.step, stage.steps):
        with torch.no_grad():
            rows = tower.before_last(batch.pixels, None, dtype)
        whole = tower.class_row(rows)
        losses = heads.of_class(whole, batch) | {"lasso": spread(tower.class_scores(rows))}
        weights = WEIGHTS | {"class_string": stage.letters * WEIGHTS["class_string"], "lasso": stage.lasso}
        sum(weights[name] * loss for name, loss in losses.items()).backward()
        optimiser.step(stage.rate_at(run.step), clip=2.0)
        run.advance(
            {name: loss.item() for name, loss in losses.items()},
            partial(_watched, tower, heads, rows, whole.detach(), batch.present),
        )
    run.finish()


def spread(scores: Tensor) -> Tensor:
    """[B, heads, patches]: mean distance of a head's scores from their mean over the picture."""
    return (scores - scores.mean(-1, keepdim=True)).abs().mean()


@torch.no_grad()
def _watched(tower: Tower, heads: VisionHeads, rows: Tensor, whole: Tensor, present: Tensor) -> dict[str, float]:
    query, keys = tower.class_query_and_keys(rows)
    kept = outlier_counts(class_attention(query.float(), keys.float())).float()
    return {"class_f1": class_accuracy(heads, whole, present), "outliers": kept.mean().item()}
