"""POPE: three files of yes/no questions about VQAv2's pictures, with random, popular and adversarial negatives."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks.asked import Asked
from benchmarks.details import write_details
from benchmarks.files import write_json_lines
from benchmarks.vqav2 import file_name, pictures
from pocket_world.assets import Assets
from pocket_world.dice import Dice
from pocket_world.kinds import by_name
from pocket_world.scene import Scene
from questions.balance import Balance
from questions.existence import existence, negatives
from questions.prompts import SHORT
from questions.question import Question

NAME = "pope"
PICTURES = 50
EACH = 3
"""Present and absent kinds asked for per picture and file."""
WORDING = "Is there {} in the image?"
FIRST_ID = {"adversarial": 1, "random": 10_000_001, "popular": 20_000_001}
"""LLaVA numbers the questions of the three files from these; its file lists them in this order."""


def write(out: Path, assets: Assets) -> list[Asked]:
    """Each file draws its positives by itself, "popular" of popular kinds where it can: so no kind tells the answer."""
    asked, lines = [], []
    for category, rows in questions().items():
        official = []
        for place, (scene, question) in enumerate(rows):
            official.append(
                {"question_id": place + 1, "image": file_name(scene), "text": question.text, "label": question.answer}
            )
            question_id = FIRST_ID[category] + place
            asked.append(Asked(question_id, question.text, question.answer, question, scene, category))
            text = f"{question.text}\n{SHORT}"
            lines.append({"question_id": question_id, "image": file_name(scene), "text": text, "category": category})
        write_json_lines(out / "coco" / f"coco_pope_{category}.json", official)
    write_json_lines(out / "llava_pope_test.jsonl", lines)
    write_details(out, NAME, asked)
    return asked


def questions() -> dict[str, list[tuple[Scene, Question]]]:
    """Per file: for each picture a present kind and an absent one in turn, three times."""
    usable = [scene for scene in pictures() if len(_present(scene)) >= EACH]
    usable = sorted(usable, key=lambda scene: -sum(by_name()[kind].popular for kind in _present(scene)))[:PICTURES]
    usable.sort(key=lambda scene: scene.seed)
    seen = Counter(kind for scene in usable for kind in _present(scene))
    popular = {kind for kind, _ in seen.most_common(len(seen) // 3)}
    result = {}
    for category in FIRST_ID:
        dice, balance = Dice(FIRST_ID[category]), Balance()
        result[category] = [row for scene in usable for row in _of_picture(scene, category, popular, dice, balance)]
    return result


def _present(scene: Scene) -> list[str]:
    return [kind for kind in scene.kinds() if not by_name()[kind].is_shape]


def _of_picture(
    scene: Scene, category: str, popular: set[str], dice: Dice, balance: Balance
) -> list[tuple[Scene, Question]]:
    there, missing = _present(scene), negatives(scene, "random")
    if category == "popular":
        there = [kind for kind in there if kind in popular] + [kind for kind in there if kind not in popular]
        there = there[: max(EACH, sum(kind in popular for kind in there))]
        missing = [kind for kind in missing if kind in popular]
    elif category == "adversarial":
        missing = negatives(scene, "adversarial")
    rows = []
    for _ in range(EACH):
        yes = balance.true(category, there, dice)
        no = balance.false(category, missing, dice)
        there, missing = [k for k in there if k != yes], [k for k in missing if k != no]
        rows.append((scene, existence(scene, yes, "yes", category, dice, WORDING)))
        rows.append((scene, existence(scene, no, "no", category, dice, WORDING)))
    return rows
