"""`python -m pocket_model.samples`: the pictures that come with the model, with questions and right answers."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from pocket_world.assets import Assets
from pocket_world.compose import compose
from pocket_world.paint import paint
from pocket_world.scene import Scene
from questions.balance import Balance
from questions.prompts import LETTER
from questions.question import Question
from questions.stream import FAMILIES, questions_of
from questions.wording import full_name

SAMPLES = {1: 200_500_416, 2: 200_500_656, 3: 200_501_553, 5: 200_500_783}
"""Test scenes by the number of their file."""
_PER_FAMILY = {"existence": 2, "paired": 2, "what": 2, "choice": 2}


def sample(number: int, scene: Scene) -> dict:
    """What samples.json says of a picture: what is there, and a question or two of every family."""
    asked: list[dict[str, str]] = []
    for family in FAMILIES:
        found = [question for question in questions_of(scene, Balance()) if question.family == family]
        asked += [
            {"question": _asked(question), "answer": question.answer} for question in found[: _PER_FAMILY.get(family, 1)]
        ]
    described = {
        "file": f"sample_{number}.png",
        "seed": scene.seed,
        "objects": [full_name(thing) for thing in scene.things],
    }
    if scene.prints:
        described["text"] = scene.prints[0].string
    return described | {"questions": asked}


def _asked(question: Question) -> str:
    return f"{question.text}\n{LETTER}" if question.family == "choice" else question.text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures and samples.json")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    described = []
    for number, seed in SAMPLES.items():
        scene = compose(seed)
        paint(scene, Assets()).save(options.out / f"sample_{number}.png", optimize=True)
        described.append(sample(number, scene))
    (options.out / "samples.json").write_text(json.dumps(described, indent=2) + "\n")


if __name__ == "__main__":
    main()
