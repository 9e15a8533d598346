"""Exact answers by question family on test scenes, unreduced, one question at a time.

    python -m evaluation.families --checkpoint ../models/pocket-llava/checkpoint --scenes 400

Several checkpoints are asked the same questions. `--bare` leaves LLaVA's instructions out."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import torch

from evaluation.engine import Question as Prompted
from evaluation.models import answerer_of, load, processor_of
from pocket_world.assets import Assets
from pocket_world.paint import paint
from pocket_world.splits import seeds_of
from questions.prompts import LETTER, SHORT
from questions.question import Question
from questions.stream import FAMILIES, stream
from tuning.sight import see

_LIMIT = 48
_AT_ONCE = 8


def prompt(question: Question, bare: bool) -> str:
    """As a benchmark would ask it."""
    if bare or question.family in ("caption", "paired"):
        return question.text
    return f"{question.text}\n{LETTER if question.family == 'choice' else SHORT}"


@torch.inference_mode()
def right_answers(checkpoint: Path, first: int, scenes: int, bare: bool, assets: Assets) -> dict[str, list[bool]]:
    model = load(checkpoint)
    processor = processor_of(checkpoint, model)
    answerer = answerer_of(model, processor)
    found: dict[str, list[bool]] = {family: [] for family in FAMILIES}
    for batch in _batches(stream(seeds_of("test", first, scenes))):
        seen = see(model, torch.stack([processor.pixels(paint(scene, assets)) for scene, _ in batch]))
        projected = [model.model.multi_modal_projector(picture) for picture in seen.features]
        asked = [(place, question) for place, (_, questions) in enumerate(batch) for question in questions]
        prompts = [Prompted(answerer.ids(prompt(question, bare), True), place, _LIMIT) for place, question in asked]
        for (_, question), answer in zip(asked, answerer.answer(projected, prompts), strict=True):
            found[question.family].append(answer.text.lower() == question.answer.lower())
    return found


def _batches(items: Iterator) -> Iterator[list]:
    batch: list = []
    for item in items:
        if item[1]:
            batch.append(item)
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def percent(right: list[bool]) -> str:
    """With its 95 % interval (Wilson)."""
    count, share, z = len(right), sum(right) / max(1, len(right)), 1.96
    if count == 0:
        return "none asked"
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    reach = z * ((share * (1 - share) + z * z / (4 * count)) / count) ** 0.5 / (1 + z * z / count)
    return f"{100 * share:.1f} ({100 * (middle - reach):.1f} to {100 * (middle + reach):.1f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, action="append", required=True)
    parser.add_argument("--first", type=int, default=9_000_000, help="first test scene; the benchmarks' are before")
    parser.add_argument("--scenes", type=int, default=400)
    parser.add_argument("--bare", action="store_true")
    options = parser.parse_args()
    assets = Assets()
    found = [right_answers(path, options.first, options.scenes, options.bare, assets) for path in options.checkpoint]
    print(f"| family | questions |{''.join(f' {path} |' for path in options.checkpoint)}")
    print(f"|---|---|{'---|' * len(found)}")
    for family in FAMILIES:
        print(f"| {family} | {len(found[0][family])} |{''.join(f' {percent(right[family])} |' for right in found)}")


if __name__ == "__main__":
    main()
