"""`python -m pocket_video.train`: projector and language model of a trained checkpoint learn to watch clips; the tower stays."""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from pocket_model.feed import feed
from pocket_model.language import LanguageModel
from pocket_model.language_stage import load_tower
from pocket_model.layers import compute_dtype
from pocket_model.optimiser import Optimiser
from pocket_model.run_state import StageRun, save_atomically
from pocket_model.stage import Stage
from pocket_model.stages import CLASS, LANGUAGE
from pocket_model.start import begin
from pocket_model.tower import Tower
from pocket_model.words import load_tokenizer
from pocket_video.ask import TYPES
from pocket_video.data import ClipBatch, ClipPacker
from pocket_video.frame_code import frame_code
from pocket_video.objectives import HINTS, ClipObjectives
from pocket_video.watch import see
from pocket_world.assets import Assets

WATCH = 250
"""Steps between two looks at the validation clips."""


@dataclass(frozen=True, kw_only=True)
class ClipStage(Stage):
    patches: int | None
    """of each frame, drawn evenly; None: all"""
    questions: int
    """at most, per clip"""
    hints: tuple[float, float]
    watched: int = 32
    """validation clips that are looked at"""

    @property
    def clips(self) -> int:
        """Per step."""
        return self.shares["clips"]


STAGE = ClipStage(
    name="clips",
    steps=500,
    shares={"clips": 6},
    patches=64,
    questions=14,
    rate=(0.7, 0.02),
    hints=(1.0, 0.0),
    warm=40,
)
"""On a quarter of the patches, drawn evenly: a frame of 65 rows costs a quarter of one of 257."""


def train(stage: ClipStage, folder: Path, tower: Tower, code: Tensor, start: Path, assets: Assets) -> None:
    """Runs a stage to its end, from its own checkpoint where there is one, else from the end of the stage before."""
    torch.manual_seed(3)
    tokenizer = load_tokenizer(folder / "tokenizer.json")
    model, objectives = LanguageModel(tokenizer.get_vocab_size()), ClipObjectives(tokenizer)
    optimiser = Optimiser(model.matrices(), (*model.parameters(), *objectives.parameters()), muon=0.02, adam=3e-3, decay=0.05)
    run = StageRun(folder, stage.name, {"model": model, "objectives": objectives, "optimiser": optimiser})
    run.begin(start, ("model",))
    packer = ClipPacker(tokenizer, "train", stage.questions, assets)
    watched = ClipPacker(tokenizer, "validation", 20, assets)
    dtype = compute_dtype()
    make = partial(_batch, packer, stage)
    for batch in feed(make, run.step, stage.steps):
        seen, places = see(tower, code, batch.pixels, batch.chosen, dtype)
        hint = stage.fade(stage.hints, run.step)
        losses, right = objectives(model, seen, places, batch, hints=hint > 0)
        (losses["answers"] + sum(hint * HINTS[name] * loss for name, loss in losses.items() if name in HINTS)).backward()
        optimiser.step(stage.rate_at(run.step))
        run.advance({name: loss.item() for name, loss in losses.items()} | {"right": right.float().mean().item()})
        if run.step % WATCH == 0 or run.step == stage.steps:
            run.note(exact_answers(tower, code, model, objectives, watched, stage.patches, stage.watched))
    run.finish()


def _batch(packer: ClipPacker, stage: ClipStage, step: int) -> ClipBatch:
    return packer.batch(step * stage.clips, stage.clips, stage.patches)


@torch.no_grad()
def exact_answers(
    tower: Tower,
    code: Tensor,
    model: LanguageModel,
    objectives: ClipObjectives,
    packer: ClipPacker,
    patches: int | None,
    clips: int,
) -> dict[str, float]:
    """Share of answers that are right to the letter, by type, on validation clips: a greedy answer is the expected one
    exactly where each of its tokens is the likeliest after those before it."""
    right, asked = Counter(), Counter()
    for first in range(0, clips, 4):
        batch = packer.batch(first, 4, patches)
        seen, places = see(tower, code, batch.pixels, batch.chosen, compute_dtype())
        _, tokens = objectives(model, seen, places, batch, hints=False)
        wrong = torch.zeros(batch.families.shape)
        clip, token = (batch.labels >= 0).nonzero(as_tuple=True)
        wrong.index_put_((clip, batch.question[clip, token]), (~tokens).float(), accumulate=True)
        for place, name in enumerate(TYPES):
            of_type = batch.families == place
            asked[name] += int(of_type.sum())
            right[name] += int((wrong[of_type] == 0).sum())
    shares = {name: right[name] / asked[name] for name in TYPES if asked[name]}
    return shares | {"all": right.total() / asked.total()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="checkpoint", type=Path, required=True, help="pocket-llava's exported checkpoint")
    parser.add_argument("--run", type=Path, required=True, help="folder of the run: checkpoints and log")
    parser.add_argument("--threads", type=int, default=0, help="of torch; 0 leaves it to torch")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    begin(options.run, options.checkpoint, CLASS.name, LANGUAGE[0].name)
    tower = load_tower(options.run / f"{CLASS.name}.done.pt")
    kept = options.run / "frame-code.pt"
    if not kept.exists():
        save_atomically(frame_code(tower, Assets()), kept)
    code = torch.load(kept, weights_only=True)
    if not (options.run / f"{STAGE.name}.done.pt").exists():
        train(STAGE, options.run, tower, code, options.run / f"{LANGUAGE[0].name}.done.pt", Assets())


if __name__ == "__main__":
    main()
