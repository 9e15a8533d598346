"""TextVQA: questions about printed words and numbers, with recognised tokens."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from benchmarks.asked import Asked
from benchmarks.details import write_details
from benchmarks.files import write_json, write_json_lines
from benchmarks.human_answers import human_answers
from benchmarks.pictures import save
from benchmarks.recognition import ocr_info, recognise
from benchmarks.selection import scenes
from pocket_world.assets import Assets
from pocket_world.dice import Dice
from pocket_world.paint import paint
from pocket_world.scene import SIDE, Scene
from questions import reading
from questions.balance import Balance
from questions.prompts import SHORT, ocr_line

NAME = "textvqa"
PICTURES = 150
PER_PICTURE = 2
_FIRST_ID = 34602
_SIZES = ("small", "medium", "large")


def image_id(scene: Scene) -> str:
    """Sixteen hexadecimal digits, as Open Images has them."""
    return hashlib.sha256(str(scene.seed).encode()).hexdigest()[:16]


def write(out: Path, assets: Assets) -> list[Asked]:
    dice = Dice(3)
    asked, data, tokens, with_tokens, without = [], [], [], [], []
    for scene in pictures():
        name = image_id(scene)
        save(paint(scene, assets), out / "train_images" / f"{name}.jpg")
        found = recognise(scene, dice)
        tokens.append(
            {
                "image_id": name,
                "ocr_tokens": [token for token, _ in found],
                "ocr_info": [ocr_info(token, print_) for token, print_ in found],
            }
        )
        texts = {question.text: question for question in reading.ask(scene, dice, Balance())}
        for question in dice.sample(list(texts.values()), PER_PICTURE):
            question_id = _FIRST_ID + len(asked)
            asked.append(Asked(question_id, question.text, question.answer, question, scene))
            data.append(
                {
                    "question": question.text,
                    "image_id": name,
                    "image_classes": [kind.capitalize() for kind in scene.kinds()],
                    "flickr_original_url": "",
                    "flickr_300k_url": "",
                    "image_width": SIDE,
                    "image_height": SIDE,
                    "answers": [_typed(answer, dice) for answer in human_answers(question, question.answer, dice)],
                    "question_tokens": re.findall(r"[a-z0-9]+", question.text.lower()),
                    "question_id": question_id,
                    "set_name": "val",
                }
            )
            line = ocr_line([token for token, _ in found])
            row = {"question_id": name, "image": f"{name}.jpg"}
            with_tokens.append({**row, "text": f"{question.text}\n{line}\n{SHORT}", "category": "default"})
            without.append({**row, "text": f"{question.text}\n{SHORT}", "category": "default"})
    head = {"dataset_type": "val", "dataset_name": "textvqa", "dataset_version": "0.5.1"}
    write_json(out / "TextVQA_0.5.1_val.json", {**head, "data": data})
    head = {"dataset_type": "val", "dataset_name": "Rosetta_OCR", "dataset_version": "0.2"}
    write_json(out / "TextVQA_Rosetta_OCR_v0.2_val.json", {**head, "data": tokens})
    write_json_lines(out / "llava_textvqa_val_v051_ocr.jsonl", with_tokens)
    write_json_lines(out / "llava_textvqa_val_v051.jsonl", without)
    write_details(out, NAME, asked)
    return asked


def pictures() -> list[Scene]:
    """As many with small prints as with middling and large ones."""
    wanted = {size: PICTURES // len(_SIZES) for size in _SIZES}
    chosen = []
    for scene in scenes(NAME, lambda scene: bool(scene.prints)):
        size = scene.prints[0].size
        if wanted[size] and len({*(q.text for q in reading.ask(scene, Dice(0), Balance()))}) >= PER_PICTURE:
            wanted[size] -= 1
            chosen.append(scene)
        if not any(wanted.values()):
            return chosen
    return chosen


def _typed(answer: str, dice: Dice) -> str:
    """People type in lower case, with a capital, or as printed."""
    return dice.weighted((answer.lower(), answer.capitalize(), answer), (6, 2, 2))
