"""GQA: testdev_balanced questions with programs, and LLaVA's question file."""

from __future__ import annotations

from pathlib import Path

from benchmarks.asked import Asked
from benchmarks.details import write_details
from benchmarks.files import write_json, write_json_lines
from benchmarks.gqa_program import global_group, program_of
from benchmarks.pictures import save
from benchmarks.selection import choose, scenes
from pocket_world.assets import Assets
from pocket_world.paint import paint
from pocket_world.scene import Scene
from questions.prompts import SHORT
from questions.question import Question

NAME = "gqa"
PICTURES = 100
PER_PICTURE = 3
SHARES = {
    "relation": 0.28,
    "existence": 0.12,
    "logic": 0.14,
    "what": 0.18,
    "colour": 0.1,
    "comparison": 0.12,
    "background": 0.06,
}


def image_id(scene: Scene) -> str:
    """Testdev's ids are an n and a number."""
    return f"n{100_000 + scene.seed % 1_000_000}"


def write(out: Path, assets: Assets) -> list[Asked]:
    asked, entries, lines = [], {}, []
    chosen_scenes = [
        scene for scene, _ in zip(scenes(NAME, lambda s: len(s.things) > 1), range(PICTURES), strict=False)
    ]
    for scene, chosen in choose(chosen_scenes, SHARES, PER_PICTURE, seed=2):
        save(paint(scene, assets), out / "data" / "images" / f"{image_id(scene)}.jpg")
        for question in chosen:
            question_id = f"{1_307_251 + 97_003 * len(asked):08d}"
            asked.append(Asked(question_id, question.text, question.answer, question, scene))
            entries[question_id] = _entry(question_id, scene, question)
            row = {"question_id": question_id, "image": f"{image_id(scene)}.jpg", "text": f"{question.text}\n{SHORT}"}
            lines.append({**row, "category": "default"})
    write_json(out / "data" / "questions1.2" / "testdev_balanced_questions.json", entries)
    write_json_lines(out / "llava_gqa_testdev_balanced.jsonl", lines)
    write_details(out, NAME, asked)
    return asked


def _entry(question_id: str, scene: Scene, question: Question) -> dict:
    program = program_of(scene, question)
    return {
        "semantic": program.semantic_list(),
        "entailed": [],
        "equivalent": [question_id],
        "question": question.text,
        "imageId": image_id(scene),
        "isBalanced": True,
        "groups": {"global": global_group(question), "local": f"{len(question.text.split()):02d}-{question.family}"},
        "answer": question.answer,
        "semanticStr": program.semantic_string(),
        "annotations": {"answer": {}, "question": program.words, "fullAnswer": {}},
        "types": {"detailed": program.detailed, "semantic": program.semantic, "structural": program.structural},
        "fullAnswer": program.full_answer,
    }
