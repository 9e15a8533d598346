"""MMBench: multiple choice in circular rows of one TSV file, with the pictures in it."""

from __future__ import annotations

import base64
import csv
from pathlib import Path

from benchmarks.asked import Asked
from benchmarks.details import write_details
from benchmarks.pictures import jpeg
from benchmarks.selection import choose_by_sort, scenes
from pocket_world.assets import Assets
from pocket_world.dice import Dice
from pocket_world.paint import paint
from pocket_world.scene import Scene
from questions.choice import LETTERS, multiple_choice
from questions.question import Question

NAME = "mmbench"
GROUPS = {4: 76, 3: 14, 2: 10}
"""Questions with so many options."""
FIXED_LAST = 4
"""Of those with four options, how many end in "All of the above", which stays last: three rows each."""
STEP = 1_000_000
_SMALL_FILES = ("plain", "gradient", "blurry", "checkered")  # every picture stands in its rows up to four times
COLUMNS = (
    "index",
    "question",
    "hint",
    "A",
    "B",
    "C",
    "D",
    "answer",
    "category",
    "image",
    "source",
    "l2-category",
    "comment",
    "split",
)
_INSTANCE = "finegrained_perception (instance-level)"
_CROSS = "finegrained_perception (cross-instance)"
CATEGORIES = {
    "shown": ("object_localization", _INSTANCE),
    "number": ("object_localization", _INSTANCE),
    "colour": ("attribute_recognition", _INSTANCE),
    "printed": ("ocr", _INSTANCE),
    "place": ("spatial_relationship", _CROSS),
    "extreme": ("spatial_relationship", _CROSS),
    "largest": ("attribute_comparison", _CROSS),
}
"""The real one's category and level-2 category for each sort of question."""
_ALL = "All of the above"


def write(out: Path, assets: Assets) -> list[Asked]:
    """The rows of one question follow each other; row k is numbered k millions after the first."""
    asked, rows = [], []
    for place, (scene, question) in enumerate(questions()):
        index = 3 * place + 2
        asked.append(Asked(index, question.text, question.answer, question, scene))
        picture = base64.b64encode(jpeg(paint(scene, assets))).decode()
        for turn, options, answer in rotations(question):
            category, level2 = CATEGORIES[question.notes["sort"]]
            rows.append(
                {
                    "index": index + turn * STEP,
                    "question": question.notes["question"],
                    "hint": question.notes.get("hint", ""),
                    **dict(zip("ABCD", options + [""] * (4 - len(options)), strict=True)),
                    "answer": answer,
                    "category": category,
                    "image": picture,
                    "source": "pocket",
                    "l2-category": level2,
                    "comment": "",
                    "split": "dev",
                }
            )
    out.mkdir(parents=True, exist_ok=True)
    with (out / "mmbench_dev_20230712.tsv").open("w", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, delimiter="\t", lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    write_details(out, NAME, asked)
    return asked


def rotations(question: Question) -> list[tuple[int, list[str], str]]:
    """Each rotation moves the options right by one; "All of the above" stays where it is."""
    options, right = question.notes["options"], question.notes["right"]
    last = [_ALL] if options[-1] == _ALL else []
    moving = options[: len(options) - len(last)]
    rows = []
    for turn in range(len(moving)):
        turned = moving[-turn:] + moving[:-turn] if turn else moving
        rows.append((turn, turned + last, LETTERS[(turned + last).index(right)]))
    return rows


def questions() -> list[tuple[Scene, Question]]:
    """For each number of options an even share of each sort."""
    dice = Dice(7)
    source = scenes(NAME, lambda scene: scene.background.pattern in _SMALL_FILES and bool(scene.things))
    found = []
    for options, count in GROUPS.items():
        found += choose_by_sort(source, tuple(CATEGORIES), options, count, dice)
    for place in range(FIXED_LAST):
        scene, question = found[place]
        found[place] = scene, _with_all(question, dice)
    found[-1] = found[-1][0], _with_hint(found[-1][1])
    return dice.shuffled([(scene, _with_hint(q) if dice.chance(0.2) else q) for scene, q in found])


def _with_all(question: Question, dice: Dice) -> Question:
    """A wrong option gives way to "All of the above"."""
    notes = question.notes
    wrong = [option for option in notes["options"] if option != notes["right"]][:2]
    made = multiple_choice(notes["question"], notes["right"], wrong, question.shown, notes["sort"], dice)
    options = [*made.notes["options"], _ALL]
    text = f"{made.text}\nD. {_ALL}"
    return Question(**{**vars(made), "text": text, "notes": {**made.notes, "options": options}})


def _with_hint(question: Question) -> Question:
    """A hint that spans two lines, as some real ones do, and says nothing about the answer."""
    hint = "Things of a pocket world.\nLook closely: some of them are small."
    return Question(**{**vars(question), "notes": {**question.notes, "hint": hint}})
