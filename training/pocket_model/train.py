"""`python -m pocket_model.train`: from nothing, or from a checkpoint, to trained weights, going on where a run was cut off."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from pocket_model.class_stage import train_class
from pocket_model.language_stage import train_language
from pocket_model.stages import CLASS, LANGUAGE, SOURCES, VISION
from pocket_model.start import begin
from pocket_model.vision_stage import train_vision
from pocket_world.assets import Assets


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of the run: checkpoints and log")
    parser.add_argument("--blocks", type=Path, required=True, help="folder for painted scenes (about 25 GB)")
    parser.add_argument("--threads", type=int, default=0, help="of torch; 0 leaves it to torch")
    parser.add_argument("--compile", action="store_true", help="by torch.compile: shorter steps, needs a C++ compiler")
    parser.add_argument(
        "--from",
        dest="checkpoint",
        type=Path,
        help=f"an exported checkpoint that stands for all stages up to `{LANGUAGE[0].name}`; those after it are trained",
    )
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    begin(options.run, options.checkpoint, CLASS.name, LANGUAGE[0].name)
    before: Path | None = None
    tower = options.run / f"{CLASS.name}.done.pt"
    if not tower.exists():
        for stage in VISION:
            done = options.run / f"{stage.name}.done.pt"
            if not done.exists():
                train_vision(stage, SOURCES, options.blocks, options.run, before, Assets(), options.compile)
            before = done
        train_class(CLASS, SOURCES, options.blocks, options.run, before, Assets())
    before = None
    for stage in LANGUAGE:
        done = options.run / f"{stage.name}.done.pt"
        if not done.exists():
            train_language(stage, SOURCES, options.blocks, options.run, tower, before, Assets(), options.compile)
        before = done


if __name__ == "__main__":
    main()
