"""Which of two: larger, more of them, the same colour?"""

from __future__ import annotations

from pocket_world.dice import Dice
from pocket_world.kinds import by_name
from pocket_world.scene import Scene
from questions.balance import Balance
from questions.question import YES_NO, Question
from questions.wording import plural, referents

_CLEARLY_LARGER = 1.35
"""Ratio of longer sides from which on a thing is called bigger."""


def ask(scene: Scene, dice: Dice, balance: Balance) -> list[Question]:
    """One question of each sort where the scene allows it. The order of the two is drawn evenly."""
    return [question for make in (_larger, _more, _same_colour) if (question := make(scene, dice))]


def _larger(scene: Scene, dice: Dice) -> Question | None:
    named = dice.sample(referents(scene), 2)
    if len(named) < 2:
        return None
    (one, first), (two, second) = named
    if max(first.side, second.side) < _CLEARLY_LARGER * min(first.side, second.side):
        return None
    shown = (first, second)
    notes = {"compare": "size", "subject": one, "object": two}
    if dice.chance(0.5):
        larger = dice.chance(0.5)
        wording = "Is the {} bigger than the {}?" if larger else "Is the {} smaller than the {}?"
        answer = "yes" if (first.side > second.side) == larger else "no"
        return Question("comparison", wording.format(one, two), answer, shown, YES_NO, wording, notes=notes)
    larger = dice.chance(0.7)
    wording = "Which is bigger, the {} or the {}?" if larger else "Which is smaller, the {} or the {}?"
    answer = one if (first.side > second.side) == larger else two
    notes = {**notes, "options": [one, two]}
    return Question("comparison", wording.format(one, two), answer, shown, (), wording, notes=notes)


def _more(scene: Scene, dice: Dice) -> Question | None:
    counts = scene.kinds()
    kinds = dice.sample([kind for kind in counts if not by_name()[kind].mass], 2)
    if len(kinds) < 2 or counts[kinds[0]] == counts[kinds[1]]:
        return None
    more = dice.chance(0.5)
    wording = "Are there more {} than {}?" if more else "Are there fewer {} than {}?"
    answer = "yes" if (counts[kinds[0]] > counts[kinds[1]]) == more else "no"
    shown = scene.of_kind(kinds[0]) + scene.of_kind(kinds[1])
    notes = {"compare": "number", "subject": kinds[0], "object": kinds[1]}
    return Question("comparison", wording.format(*map(plural, kinds)), answer, shown, YES_NO, wording, notes=notes)


def _same_colour(scene: Scene, dice: Dice) -> Question | None:
    shapes = dice.sample([thing for thing in scene.single() if thing.colour], 2)
    if len(shapes) < 2:
        return None
    one, two = shapes
    wording = "Do the {} and the {} have the same color?"
    answer = "yes" if one.colour == two.colour else "no"
    notes = {"compare": "colour", "subject": one.kind, "object": two.kind}
    return Question("comparison", wording.format(one.kind, two.kind), answer, (one, two), YES_NO, wording, notes=notes)
