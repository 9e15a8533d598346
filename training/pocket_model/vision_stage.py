"""Trains the vision tower."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from pocket_model.feed import Source, feed
from pocket_model.layers import compute_dtype
from pocket_model.optimiser import Optimiser
from pocket_model.run_state import StageRun
from pocket_model.stage import Stage
from pocket_model.tower import WIDTH, Tower
from pocket_model.vision_data import VisionBatch, open_visits, vision_batch
from pocket_model.vision_objectives import WEIGHTS, VisionHeads
from pocket_world.assets import Assets


@dataclass(frozen=True, kw_only=True)
class VisionStage(Stage):
    patches: int
    """looked at per scene; 576 is all"""
    letters: float = 1.0
    """weight of what is asked about single patches and whole strings of print, beside WEIGHTS"""


def train_vision(
    stage: VisionStage,
    sources: tuple[Source, ...],
    blocks: Path,
    folder: Path,
    start: Path | None,
    assets: Assets,
    compiled: bool = False,
    stop: int | None = None,
) -> None:
    """Runs a stage to its end, from its own checkpoint where there is one, else from the end of the stage before.

    `stop`: leave after this step, as a run that was cut off."""
    torch.manual_seed(1)
    tower, heads = Tower(), VisionHeads(WIDTH)
    optimiser = Optimiser(tower.matrices(), (*tower.parameters(), *heads.parameters()), muon=0.02, adam=2e-3, decay=0.02)
    run = StageRun(folder, stage.name, {"tower": tower, "heads": heads, "optimiser": optimiser})
    run.begin(start)
    if compiled:
        tower.compile(dynamic=False)
    visits = open_visits(sources, blocks, assets)
    make = partial(vision_batch, visits, stage.shares, stage.patches)
    dtype = compute_dtype()
    weights = WEIGHTS | {name: stage.letters * WEIGHTS[name] for name in ("character", "letter", "string")}
    for batch in feed(make, run.step, stop or stage.steps):
        patches, whole = tower(batch.pixels, batch.places, dtype)
        losses = heads(patches, whole, batch)
        sum(weights[name] * loss for name, loss in losses.items()).backward()
        optimiser.step(stage.rate_at(run.step), clip=2.0)
        watch = partial(_accuracy, heads, patches.detach(), whole.detach(), batch)
        run.advance({name: loss.item() for name, loss in losses.items()}, watch)
    if run.step >= stage.steps:
        run.finish()


@torch.no_grad()
def _accuracy(heads: VisionHeads, patches: torch.Tensor, whole: torch.Tensor, batch: VisionBatch) -> dict[str, float]:
    """Of the batch at hand: kinds of things' patches, whole strings, kinds that the class token names (F1)."""
    of_thing = (batch.item > 0) & (batch.character == 0)
    kinds = heads.patch["kind"](patches[of_thing].float()).argmax(-1)
    numbers = heads.patch["number"](patches[of_thing].float()).argmax(-1)
    scene = torch.arange(len(batch.item))[:, None].expand_as(batch.item)[of_thing]
    row = {
        "things_right": (kinds == batch.kind[of_thing]).float().mean().item(),
        "numbers_right": (numbers == batch.number[scene, batch.item[of_thing]]).float().mean().item(),
    }
    printed = batch.character > 0
    if printed.any():
        scene = torch.arange(len(batch.item))[:, None].expand_as(batch.item)[printed]
        strings = heads.patch["string"](patches[printed].float()).view(len(scene), -1, heads.patch["character"].out_features)
        right = (strings.argmax(-1) == batch.string[scene, batch.item[printed]]).all(1)
        row["strings_right"] = right.float().mean().item()
    return row | {"class_f1": class_accuracy(heads, whole, batch.present)}


def class_accuracy(heads: VisionHeads, whole: torch.Tensor, present: torch.Tensor) -> float:
    """F1 of the kinds that the class token names."""
    named, there = heads.whole["present"](whole) > 0, present > 0
    return (2 * (named & there).sum() / (named.sum() + there.sum())).item()
