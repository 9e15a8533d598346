"""VQAv2: questions and annotations of "val2014", and LLaVA's question file for them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks.asked import Asked
from benchmarks.details import write_details
from benchmarks.files import write_json, write_json_lines
from benchmarks.human_answers import human_answers
from benchmarks.pictures import save
from benchmarks.selection import choose, scenes
from pocket_world.assets import Assets
from pocket_world.dice import Dice
from pocket_world.kinds import by_name
from pocket_world.paint import paint
from pocket_world.scene import Scene
from questions.prompts import SHORT

NAME = "vqav2"
PICTURES = 100
PER_PICTURE = 3
SHARES = {
    "existence": 0.18,
    "logic": 0.08,
    "relation": 0.15,
    "comparison": 0.1,
    "background": 0.05,
    "count": 0.16,
    "colour": 0.13,
    "what": 0.11,
    "reading": 0.04,
}
_TYPES = (
    "how many", "what color is the", "what is the color of the", "what kind of", "what is in the", "what is the",
    "what number is", "what does the", "what is", "what", "which", "where is the", "is there a", "is there", "is the",
    "is it", "are there any", "are there", "do you", "do", "does the", "in",
)  # fmt: skip
"""Beginnings by which the real one sorts its questions; the first that fits counts, else "none of the above"."""
_HEAD = {
    "info": {
        "description": "Pocket world, in the format of VQA v2.0.",
        "url": "",
        "version": "1.0",
        "year": 2026,
        "contributor": "prumerge",
        "date_created": "2026-01-01 00:00:00",
    },
    "data_type": "mscoco",
    "data_subtype": "val2014",
    "license": {"url": "https://www.apache.org/licenses/LICENSE-2.0", "name": "Apache-2.0"},
}


def file_name(scene: Scene) -> str:
    """The scene's seed is its COCO image id."""
    return f"COCO_val2014_{scene.seed:012d}.jpg"


def pictures() -> list[Scene]:
    """Half of them with enough popular kinds for POPE's questions, which are about the same pictures."""

    def rich(scene: Scene) -> bool:
        return sum(by_name()[kind].popular for kind in scene.kinds()) >= 3

    found = scenes(NAME)
    first = [scene for scene, _ in zip(scenes(NAME, rich), range(PICTURES // 2), strict=False)]
    taken = {scene.seed for scene in first}
    rest = [
        scene
        for scene, _ in zip(
            filter(lambda s: s.seed not in taken and s.things, found), range(PICTURES // 2), strict=False
        )
    ]
    return sorted(first + rest, key=lambda scene: scene.seed)


def question_type(text: str) -> str:
    return next((start for start in _TYPES if text.lower().startswith(start + " ")), "none of the above")


def write(out: Path, assets: Assets) -> list[Asked]:
    dice = Dice(1)
    asked, questions, annotations, lines = [], [], [], []
    for scene, chosen in choose(pictures(), SHARES, PER_PICTURE, seed=1):
        save(paint(scene, assets), out / "val2014" / file_name(scene))
        for place, question in enumerate(chosen):
            question_id = scene.seed * 1000 + place
            asked.append(Asked(question_id, question.text, question.answer, question, scene))
            said = human_answers(question, question.answer.lower(), dice)
            questions.append({"image_id": scene.seed, "question": question.text, "question_id": question_id})
            annotations.append(
                {
                    "question_type": question_type(question.text),
                    "multiple_choice_answer": Counter(said).most_common(1)[0][0],
                    "answers": [
                        {
                            "answer": answer,
                            "answer_confidence": dice.weighted(("yes", "maybe", "no"), (88, 10, 2)),
                            "answer_id": person + 1,
                        }
                        for person, answer in enumerate(said)
                    ],
                    "image_id": scene.seed,
                    "answer_type": _answer_type(question.answer),
                    "question_id": question_id,
                }
            )
            text = f"{question.text}\n{SHORT}"
            lines.append({"question_id": question_id, "image": file_name(scene), "text": text, "category": "default"})
    write_json(
        out / "v2_OpenEnded_mscoco_val2014_questions.json", {**_HEAD, "task_type": "Open-Ended", "questions": questions}
    )
    write_json(out / "v2_mscoco_val2014_annotations.json", {**_HEAD, "annotations": annotations})
    write_json_lines(out / "llava_vqav2_mscoco_val2014.jsonl", lines)
    write_details(out, NAME, asked)
    return asked


def _answer_type(answer: str) -> str:
    if answer in ("yes", "no"):
        return "yes/no"
    return "number" if answer.isdigit() else "other"
