"""Writes pictures and questions in LLaVA's training format: `llava.json` and an `images` folder.

    python -m questions.write --split train --start 0 --count 1000 --out FOLDER

`scenes.jsonl` holds the description of every scene."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from common.ranges import whole
from pocket_world.assets import Assets
from pocket_world.dice import Dice
from pocket_world.paint import paint
from pocket_world.splits import SPLITS, seeds_of
from questions.prompts import training_prompt
from questions.stream import stream

_CHOICE_STREAM = 1 << 41


def conversation(seed: int, turns: list[tuple[str, str]]) -> dict:
    """One entry of llava.json; the picture comes before the first question."""
    parts = []
    for place, (prompt, answer) in enumerate(turns):
        parts.append({"from": "human", "value": ("<image>\n" if place == 0 else "") + prompt})
        parts.append({"from": "gpt", "value": answer})
    return {"id": f"{seed:09d}", "image": f"{seed:09d}.png", "conversations": parts}


def write(split: str, start: int, count: int, turns: int, out: Path, assets: Assets) -> int:
    """Returns the number of conversations; scenes without a question have none."""
    (out / "images").mkdir(parents=True, exist_ok=True)
    entries = []
    with (out / "scenes.jsonl").open("w") as lines:
        for scene, questions in stream(seeds_of(split, start, count)):
            lines.write(scene.to_json() + "\n")
            paint(scene, assets).save(out / "images" / f"{scene.seed:09d}.png")
            dice = Dice(_CHOICE_STREAM + scene.seed)
            chosen = dice.sample(questions, turns)
            asked = [(training_prompt(question, scene, dice), question.answer) for question in chosen]
            if asked:
                entries.append(conversation(scene.seed, asked))
    (out / "llava.json").write_text(json.dumps(entries, indent=1) + "\n")
    return len(entries)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=SPLITS, default="train")
    parser.add_argument("--start", type=whole(0), default=0, help="first scene of the split")
    parser.add_argument("--count", type=whole(1), required=True, help="number of scenes")
    parser.add_argument("--turns", type=whole(1), default=8, help="most questions per scene (default 8)")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    written = write(options.split, options.start, options.count, options.turns, options.out, Assets())
    print(f"{written} conversations in {options.out / 'llava.json'}")


if __name__ == "__main__":
    main()
