"""MME: subtasks of picture pairs of questions, one yes and one no. Seven of the fourteen have a meaning here."""

from __future__ import annotations

from pathlib import Path

from benchmarks.asked import Asked
from benchmarks.details import write_details
from benchmarks.files import write_json_lines
from benchmarks.pictures import save
from benchmarks.selection import scenes
from pocket_world.assets import Assets
from pocket_world.dice import Dice
from pocket_world.paint import paint
from pocket_world.scene import Scene
from questions.balance import Balance
from questions.paired import MAKERS, SUFFIX, Pair
from questions.prompts import SHORT

NAME = "mme"
PICTURES = 22
"""Per subtask."""
WITH_FOLDERS = ("scene",)
"""Subtasks whose pictures and questions lie in two folders; the others' lie side by side."""
_MOST_IN_A_ROW = 3


def write(out: Path, assets: Assets) -> list[Asked]:
    asked, lines = [], []
    used: set[int] = set()
    for task in MAKERS:
        truths = []
        folder = out / "MME_Benchmark_release_version" / task
        for place, (scene, pair) in enumerate(_pairs(task, used)):
            stem, ending = f"{place + 1:04d}", ".jpg"
            images, texts = (
                (folder / "images", folder / "questions_answers_YN") if task in WITH_FOLDERS else (folder, folder)
            )
            save(paint(scene, assets), images / f"{stem}{ending}")
            texts.mkdir(parents=True, exist_ok=True)
            answers = {"yes": "Yes", "no": "No"}
            (texts / f"{stem}.txt").write_text("".join(f"{q.text}\t{answers[q.answer]}\n" for q in pair))
            inner = "images/" if task in WITH_FOLDERS else ""
            picture_id = f"{task}/{inner}{stem}{ending}"
            for question in pair:
                truths.append(f"{stem}{ending}\t{question.text}\t{answers[question.answer]}\n")
                asked.append(Asked(picture_id, question.text, question.answer, question, scene, task))
                text = question.text.replace(SUFFIX, "") + f"\n{SHORT}"
                lines.append({"question_id": picture_id, "image": picture_id, "text": text, "category": task})
        results = out / "eval_tool" / "Your_Results" / f"{task}.txt"
        results.parent.mkdir(parents=True, exist_ok=True)
        results.write_text("".join(truths))
    write_json_lines(out / "llava_mme.jsonl", lines)
    write_details(out, NAME, asked)
    return asked


def _pairs(task: str, used: set[int]) -> list[tuple[Scene, Pair]]:
    """Pairs of new pictures, evenly over what is asked for (the number, the colour, the pattern)."""
    dice, balance = Dice(len(task)), Balance()
    asked: dict[str, int] = {}
    pairs: list[tuple[Scene, Pair]] = []
    for scene in scenes(NAME, lambda scene: scene.seed not in used):
        pair = MAKERS[task](scene, dice, balance)
        if pair is None:
            continue
        value = _value(task, scene, pair)
        if value and asked.get(value, 0) > min(asked.values(), default=0) + _MOST_IN_A_ROW - 1:
            continue
        asked[value] = asked.get(value, 0) + 1
        used.add(scene.seed)
        pairs.append((scene, pair))
        if len(pairs) == PICTURES:
            break
    return pairs


def _value(task: str, scene: Scene, pair: Pair) -> str:
    """What must not be the same too often."""
    if task == "count":
        return str(len(pair[0].shown))
    if task == "color":
        return pair[0].text.removesuffix("?" + SUFFIX).split()[-1]
    return scene.background.pattern if task == "scene" else ""
