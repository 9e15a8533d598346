"""Where is it, and on which side of another thing?"""

from __future__ import annotations

from pocket_world.dice import Dice
from pocket_world.scene import Scene, Thing
from questions.balance import Balance
from questions.question import YES_NO, Question
from questions.wording import REGIONS, referents, region_of

SIDES_OF = {"left": "right", "right": "left", "above": "below", "below": "above"}
"""Each side with its opposite."""
_CLEAR = 30
"""Pixels that two centres must be apart along an axis for a clear answer."""
_YES_NO = {
    "left": ("Is the {} left of the {}?", "Is the {} to the left of the {}?"),
    "right": ("Is the {} right of the {}?", "Is the {} to the right of the {}?"),
    "above": ("Is the {} above the {}?",),
    "below": ("Is the {} below the {}?",),
}
_EITHER = {
    "left": "Is the {} to the left or to the right of the {}?",
    "above": "Is the {} above or below the {}?",
}
_WHERE = ("Where is the {}?", "Where is the {} in the image?", "In which part of the image is the {}?")


def beside(thing: Thing, anchor: Thing, side: str) -> bool | None:
    """Whether the thing lies on that side of the anchor; None where that is close to call."""
    axis = 0 if side in ("left", "right") else 1
    away = thing.centre[axis] - anchor.centre[axis]
    if abs(away) < _CLEAR:
        return None
    return (away < 0) == (side in ("left", "above"))


def ask(scene: Scene, dice: Dice, balance: Balance) -> list[Question]:
    """A place, and two pairs of things, each asked as yes or no or as a choice of sides."""
    named = referents(scene)
    questions = []
    for name, thing in dice.sample(named, 1):
        region = region_of(thing)
        if region:
            wording = dice.pick(_WHERE)
            questions.append(
                Question("relation", wording.format(name), region, (thing,), REGIONS, wording, notes={"subject": name})
            )
    for _ in range(2 if len(named) > 1 else 0):
        question = pair(*dice.sample(named, 2), dice)
        if question:
            questions.append(question)
    return questions


def pair(one: tuple[str, Thing], other: tuple[str, Thing], dice: Dice, side: str | None = None) -> Question | None:
    """A question about two things. Things and sides are drawn evenly, so words give nothing away."""
    side = side or dice.pick(tuple(SIDES_OF))
    there = beside(one[1], other[1], side)
    if there is None:
        return None
    notes = {"subject": one[0], "side": side, "object": other[0]}
    shown = (one[1], other[1])
    if dice.chance(0.5):
        wording = dice.pick(_YES_NO[side])
        answer = "yes" if there else "no"
        return Question("relation", wording.format(one[0], other[0]), answer, shown, YES_NO, wording, notes=notes)
    first = "left" if side in ("left", "right") else "above"
    answer = side if there else SIDES_OF[side]
    wording = _EITHER[first]
    rivals = (first, SIDES_OF[first])
    return Question("relation", wording.format(one[0], other[0]), answer, shown, rivals, wording, notes=notes)
