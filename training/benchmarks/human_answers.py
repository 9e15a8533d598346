"""Ten answers as ten people might give them: mostly the truth, now and then another word for it, or a slip."""

from __future__ import annotations

from pocket_world.dice import Dice
from questions.question import Question

PEOPLE = 10
_LEAST_RIGHT = 7
"""At least as many say the truth in the same words, so that it always scores 1."""

_OTHER_WORDS = {
    "airplane": "plane",
    "bicycle": "bike",
    "burger": "hamburger",
    "football": "soccer ball",
    "gray": "grey",
    "motorcycle": "motorbike",
    "phone": "cell phone",
    "purple": "violet",
    "rabbit": "bunny",
    "rose": "flower",
    "sailboat": "boat",
    "shoe": "sneaker",
    "sunflower": "flower",
    "taxi": "cab",
    "television": "tv",
    "train": "locomotive",
    "tree": "oak tree",
    "truck": "lorry",
    "top left": "upper left",
    "top right": "upper right",
    "bottom left": "lower left",
    "bottom right": "lower right",
    "center": "middle",
    "left": "left side",
    "right": "right side",
}
_SLIPS = {"blue": "purple", "orange": "red", "pink": "purple", "purple": "blue", "red": "orange", "white": "gray"}


def human_answers(question: Question, truth: str, dice: Dice) -> list[str]:
    """Ten answers in the order of the people; the truth at least seven times."""
    answers = [_one(question, truth, dice) for _ in range(PEOPLE)]
    for place in range(PEOPLE):
        if answers.count(truth) >= _LEAST_RIGHT:
            break
        answers[place] = truth
    return answers


def _one(question: Question, truth: str, dice: Dice) -> str:
    chance = dice.unit()
    if truth in ("yes", "no"):
        return truth if chance > 0.05 else {"yes": "no", "no": "yes"}[truth]
    if question.family == "count":
        unsure = 0.05 * int(truth)
        return truth if chance > unsure else str(max(0, int(truth) + dice.pick((-1, 1))))
    if question.family == "reading":
        return truth if chance > 0.1 or len(truth) < 3 else _misread(truth, dice)
    if chance < 0.12 and truth in _OTHER_WORDS:
        return _OTHER_WORDS[truth]
    if chance > 0.95 and truth in _SLIPS:
        return _SLIPS[truth]
    return truth


def _misread(truth: str, dice: Dice) -> str:
    place = dice.below(len(truth))
    return truth[:place] + truth[place + 1 :]
