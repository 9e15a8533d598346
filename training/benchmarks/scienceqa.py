"""ScienceQA: problems.json, pid_splits.json, pictures by problem, and LLaVA's llava_test_CQM-A.json."""

from __future__ import annotations

from pathlib import Path

from benchmarks.asked import Asked
from benchmarks.details import write_details
from benchmarks.files import write_json
from benchmarks.lessons import LESSONS, knowledge_question, problem
from benchmarks.pictures import save
from benchmarks.selection import choose_by_sort, scenes
from pocket_world.assets import Assets
from pocket_world.dice import Dice
from pocket_world.paint import paint
from pocket_world.scene import Scene
from questions.prompts import CONTEXT, HINTS
from questions.question import Question

NAME = "scienceqa"
WITH_PICTURE = {2: 90, 3: 70, 4: 70, 5: 20}
"""Problems with so many choices."""
WITHOUT_PICTURE = 50
HINTED = 0.6
_FLAT = ("plain", "striped", "checkered", "dotted")  # compress well as PNG
_GRADES = tuple(f"grade{number}" for number in range(2, 7))


def write(out: Path, assets: Assets) -> list[Asked]:
    dice = Dice(5)
    problems, conversations, asked = {}, [], []
    for place, (scene, question) in enumerate(_questions(dice)):
        pid = str(7 * place + 4)
        hint = dice.pick(HINTS) if scene and dice.chance(HINTED) else ""
        if scene:
            save(paint(scene, assets), out / "images" / "test" / pid / "image.png")
            asked.append(Asked(pid, question.text, question.answer, question, scene))
        problems[pid] = problem(question, hint, dice.pick(_GRADES), "image.png" if scene else None)
        conversations.append(_conversation(pid, question, hint, scene is not None))
    write_json(out / "problems.json", problems, indent=1)
    test = list(problems)
    splits = {
        "train": [],
        "val": [],
        "test": test,
        "trainval": [],
        "minitrain": [],
        "minival": [],
        "minitest": test[::10],
    }
    write_json(out / "pid_splits.json", splits)
    write_json(out / "llava_test_CQM-A.json", conversations, indent=1)
    write_details(out, NAME, asked)
    return asked


def _questions(dice: Dice) -> list[tuple[Scene | None, Question]]:
    source = scenes(NAME, lambda scene: scene.background.pattern in _FLAT and bool(scene.things))
    found: list[tuple[Scene | None, Question]] = []
    for options, count in WITH_PICTURE.items():
        found += choose_by_sort(source, tuple(LESSONS), options, count, dice)
    found += [(None, knowledge_question(2 + place % 4, dice)) for place in range(WITHOUT_PICTURE)]
    return dice.shuffled(found)


def _conversation(pid: str, question: Question, hint: str, with_picture: bool) -> dict:
    """LLaVA's layout: picture, context, question, choices, instruction; the letter as the answer."""
    context = f"{CONTEXT}{hint}\n" if hint else ""
    picture = "<image>\n" if with_picture else ""
    value = f"{picture}{context}{question.text}"
    entry = {"id": pid, "image": f"{pid}/image.png"} if with_picture else {"id": pid}
    entry["conversations"] = [
        {"from": "human", "value": value},
        {"from": "gpt", "value": question.answer},
    ]
    return entry
