"""What the hints of the language stage point at: patches that an answer is read off, and the option that is right."""

from __future__ import annotations

import numpy as np
from tokenizers import Encoding

from pocket_model.vision_data import ITEMS
from pocket_world.colours import COLOUR_NAMES
from pocket_world.kinds import places
from pocket_world.scene import SIDE, Scene
from questions.question import YES_NO, Question
from questions.wording import full_name

_POINTED = ("what", "reading", "colour", "count", "comparison", "choice", "relation")
"""Families whose answer is read off one thing, or off all things of one kind: where it begins, a head looks there."""


def look(question: Question, scene: Scene, answer: Encoding) -> tuple[int, list[int]] | None:
    """The items that the answer is read off, item i as bit i, and for each token of the answer its letter's place in a
    string (-1: none)."""
    if question.family not in _POINTED or not question.shown or question.answer in YES_NO:
        return None
    if question.notes.get("of") in ("category", "all"):
        return None
    seen = question.shown
    if question.notes.get("sort") in ("extreme", "largest") or question.notes.get("compare") == "size":
        right = question.notes.get("right", question.answer)
        seen = tuple(thing for thing in seen if right in (thing.kind, full_name(thing)))
    elif question.family == "relation":
        seen = seen[:1]
    bits = sum(1 << scene.number_of(item) for item in seen)
    if question.family == "reading":  # " STOP": the place of a token's last character, less the blank
        return bits, [end - 2 for _, end in answer.offsets]
    return bits, [-1]


def pick(question: Question, prompt: str, encoded: Encoding) -> int | None:
    """Which token of the encoded prompt ends the right option, where options are listed or named."""
    if "options" not in question.notes:
        return None
    right = question.notes.get("right")
    named = f"\n{question.answer}. {right}\n" if right else question.answer
    found = f"{prompt}\n".rfind(named)
    end = found + len(named.rstrip("\n"))
    return next((place for place, (_, last) in enumerate(encoded.offsets) if last == end), None) if found >= 0 else None


def colours_of(scene: Scene) -> np.ndarray:
    """[ITEMS]: each item's colour; -1 none"""
    colours = np.full(ITEMS, -1, np.int64)
    for place, item in enumerate(scene.items, 1):
        colours[place] = COLOUR_NAMES.index(item.colour) if item.colour else -1
    return colours


def boxes_of(scene: Scene) -> np.ndarray:
    """[kinds, 5]: middle, width, height, ninth of the picture, of kinds that are there once; else -1"""
    boxes = np.full((len(places()), 5), -1, np.float32)
    for thing in scene.single():
        x, y, width, height = thing.box
        middle_x, middle_y = (x + width / 2) / SIDE, (y + height / 2) / SIDE
        ninth = min(2, int(middle_y * 3)) * 3 + min(2, int(middle_x * 3))
        boxes[places()[thing.kind]] = middle_x, middle_y, width / SIDE, height / SIDE, ninth
    return boxes
