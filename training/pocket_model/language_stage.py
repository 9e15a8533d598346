"""Trains projector and language model on what the tower sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import torch

from pocket_model.feed import Source, feed
from pocket_model.language import LanguageModel
from pocket_model.language_data import LanguageBatch, Packer
from pocket_model.language_objectives import HINTS, LanguageObjectives
from pocket_model.language_variety import Variety
from pocket_model.layers import compute_dtype
from pocket_model.measure import exact_answers
from pocket_model.optimiser import Optimiser
from pocket_model.run_state import StageRun
from pocket_model.stage import Stage
from pocket_model.tower import Tower
from pocket_model.vision_data import open_visits
from pocket_model.words import load_tokenizer
from pocket_world.assets import Assets

WATCH = 300
"""Steps between two looks at the validation scenes."""


@dataclass(frozen=True, kw_only=True)
class LanguageStage(Stage):
    patches: int
    """looked at per scene; 576 is all"""
    questions: int
    """at most, per scene"""
    hints: tuple[float, float]
    """weight of the hints at the start and at the end"""
    after: int = 0
    """steps of earlier stages, whose scenes and questions are not taken again before all others were"""
    variety: Variety = field(default_factory=Variety)


def train_language(
    stage: LanguageStage,
    sources: tuple[Source, ...],
    blocks: Path,
    folder: Path,
    tower_path: Path,
    start: Path | None,
    assets: Assets,
    compiled: bool = False,
) -> None:
    """Runs a stage to its end, from its own checkpoint where there is one, else from the end of the stage before: from its
    model alone, which is what a checkpoint for other programs holds, too."""
    torch.manual_seed(2)
    tokenizer = load_tokenizer(folder / "tokenizer.json")
    tower, model = load_tower(tower_path), LanguageModel(tokenizer.get_vocab_size())
    objectives = LanguageObjectives(tokenizer)
    optimiser = Optimiser(model.matrices(), (*model.parameters(), *objectives.parameters()), muon=0.02, adam=3e-3, decay=0.05)
    run = StageRun(folder, stage.name, {"model": model, "objectives": objectives, "optimiser": optimiser})
    run.begin(start, ("model",))
    if compiled:
        model.compile(dynamic=True)
    packer = Packer(tokenizer, open_visits(sources, blocks, assets), stage.questions, stage.variety)
    seen = open_visits((("validation", 1),), blocks, assets)
    watched, moved = Packer(tokenizer, seen, 24), Packer(tokenizer, seen, 24, Variety(moved=1.0))
    make = partial(packer.batch, stage.shares, stage.patches)
    dtype = compute_dtype()
    for batch in feed(partial(_later, make, stage.after), run.step, stage.steps):
        with torch.no_grad():
            features, _ = tower(batch.pixels, batch.places, dtype, last=False)
        hint = stage.fade(stage.hints, run.step)
        losses, right = objectives(model, features, batch, hints=hint > 0)
        (losses["answers"] + sum(hint * HINTS[name] * loss for name, loss in losses.items() if name in HINTS)).backward()
        optimiser.step(stage.rate_at(run.step))
        means = {name: loss.item() for name, loss in losses.items()} | {"right": right.float().mean().item()}
        run.advance(means)
        if run.step % WATCH == 0 or run.step == stage.steps:
            run.note(exact_answers(tower, model, objectives, watched, dtype=dtype))
            if stage.variety.moved:
                elsewhere = exact_answers(tower, model, objectives, moved, dtype=dtype)
                run.note({f"moved {family}": share for family, share in elsewhere.items()})
    run.finish()


def _later(make: Callable[[int], LanguageBatch], after: int, step: int) -> LanguageBatch:
    return make(after + step)


def load_tower(path: Path) -> Tower:
    tower = Tower()
    tower.load_state_dict(torch.load(path, weights_only=True)["parts"]["tower"])
    return tower.eval()
