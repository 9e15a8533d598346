"""What is behind everything?"""

from __future__ import annotations

from pocket_world.backgrounds import PATTERNS
from pocket_world.dice import Dice
from pocket_world.scene import Scene
from questions.balance import Balance
from questions.question import YES_NO, Question

ASKED = ("plain", "striped", "checkered", "dotted")
"""Patterns that have a plain name; the others only answer "no"."""
_IS = ("Is the background {}?", "Does the image have a {} background?")


def ask(scene: Scene, dice: Dice, balance: Balance) -> list[Question]:
    pattern = scene.background.pattern
    questions = []
    if pattern in ASKED:
        questions.append(is_pattern(pattern, "yes", dice))
        wording = "Is the background plain, striped, checkered or dotted?"
        questions.append(Question("background", wording, pattern, (), ASKED, wording))
    others = [name for name in ASKED if name != pattern]
    questions.append(is_pattern(dice.pick(others), "no", dice))
    return questions


def is_pattern(pattern: str, answer: str, dice: Dice) -> Question:
    assert pattern in PATTERNS
    wording = dice.pick(_IS)
    return Question(
        "background", wording.format(pattern), answer, (), YES_NO, f"{wording} {pattern}", notes={"pattern": pattern}
    )
