"""Two kinds at once: both, either, neither of a category."""

from __future__ import annotations

from pocket_world.dice import Dice
from pocket_world.kinds import by_name
from pocket_world.scene import Scene
from questions.balance import Balance
from questions.existence import negatives
from questions.question import YES_NO, Question
from questions.wording import a

_BOTH = "Are there both {} and {} in the image?"
_EITHER = "Is there either {} or {} in the image?"
_CATEGORY = {
    "animal": ("Is there an animal in the image?", "Are there any animals in the image?"),
    "food": ("Is there something to eat in the image?", "Is there any food in the image?"),
    "vehicle": ("Is there a vehicle in the image?", "Are there any vehicles in the image?"),
    "shape": ("Is there a geometric shape in the image?", "Are there any shapes in the image?"),
}


def ask(scene: Scene, dice: Dice, balance: Balance) -> list[Question]:
    """Both and either of two kinds, and whether anything of a category is there."""
    present = [kind for kind in scene.kinds() if not by_name()[kind].is_shape]
    questions = [of_category(scene, dice.pick(tuple(_CATEGORY)), dice)]
    for wording in (_BOTH, _EITHER):
        asked = _two_kinds(scene, present, wording, dice, balance)
        if asked:
            questions.append(asked)
    return questions


def of_category(scene: Scene, category: str, dice: Dice, wording: str | None = None) -> Question:
    found = tuple(thing for thing in scene.things if thing.category == category)
    wording = wording or dice.pick(_CATEGORY[category])
    return Question("logic", wording, "yes" if found else "no", found, YES_NO, wording, notes={"category": category})


def _two_kinds(scene: Scene, present: list[str], wording: str, dice: Dice, balance: Balance) -> Question | None:
    """Each answer half of the time, and each kind as often in a "yes" as in a "no"."""
    yes = dice.chance(0.5)
    true_ones = (2 if yes else 1) if wording == _BOTH else (1 if yes else 0)
    if len(present) < true_ones:
        return None
    kinds: list[str] = []
    count = balance.true if yes else balance.false
    for place in range(2):
        options = present if place < true_ones else negatives(scene, "random")
        kinds.append(count(wording, [kind for kind in options if kind not in kinds], dice))
    shown = tuple(thing for kind in kinds for thing in scene.of_kind(kind))
    text = wording.format(*(a(kind) for kind in dice.shuffled(kinds)))
    return Question("logic", text, "yes" if yes else "no", shown, YES_NO, wording, notes={"kinds": kinds})
