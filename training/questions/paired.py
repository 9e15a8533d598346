"""Pairs about one picture, one answered yes and one no, as in MME. The suffix is MME's."""

from __future__ import annotations

from pocket_world.colours import COLOUR_NAMES
from pocket_world.dice import Dice
from pocket_world.kinds import by_name
from pocket_world.prints import draw_string
from pocket_world.scene import Print, Scene, Thing
from questions.background import ASKED
from questions.balance import Balance
from questions.existence import negatives
from questions.question import YES_NO, Question
from questions.relation import SIDES_OF, beside
from questions.wording import a, plural, referents

SUFFIX = " Please answer yes or no."
Pair = tuple[Question, Question]
_ARTICLES = {"animal": "an animal", "food": "something to eat", "vehicle": "a vehicle", "shape": "a geometric shape"}
_SIDE_WORDS = {
    "left": "on the left side of",
    "right": "on the right side of",
    "above": "above",
    "below": "below",
}


def ask(scene: Scene, dice: Dice, balance: Balance) -> list[Question]:
    """One pair of each sort that the scene allows."""
    return [question for make in MAKERS.values() if (pair := make(scene, dice, balance)) for question in pair]


def _pair(sort: str, wording: str, yes: str, no: str, seen: tuple[Thing | Print, ...]) -> Pair:
    def one(slot: str, answer: str) -> Question:
        text = wording.format(slot) + SUFFIX
        return Question("paired", text, answer, seen, YES_NO, f"paired {sort} {wording}", notes={"sort": sort})

    return one(yes, "yes"), one(no, "no")


def existence(scene: Scene, dice: Dice, balance: Balance) -> Pair | None:
    present = [kind for kind in scene.kinds() if not by_name()[kind].is_shape]
    if not present:
        return None
    kind = balance.true("paired existence", present, dice)
    other = balance.false("paired existence", negatives(scene, "random"), dice)
    return _pair("existence", "Is there {} in this image?", a(kind), a(other), scene.of_kind(kind))


def count(scene: Scene, dice: Dice, balance: Balance) -> Pair | None:
    counts = {kind: n for kind, n in scene.kinds().items() if not by_name()[kind].mass and 1 < n < 9}
    if not counts:
        return None
    kind = dice.pick(tuple(counts))
    right = balance.true("paired count", [str(counts[kind])], dice)
    wrong = [str(n) for n in range(2, 9) if 0 < abs(n - counts[kind]) < 3]
    other = balance.false("paired count", wrong, dice)
    wording = f"Are there {{}} {plural(kind)} in this image?"
    yes, no = _pair("count", wording, right, other, scene.of_kind(kind))
    key = "paired count"
    return Question(**{**vars(yes), "wording": key}), Question(**{**vars(no), "wording": key})


def position(scene: Scene, dice: Dice, balance: Balance) -> Pair | None:
    named = dice.sample(referents(scene), 2)
    if len(named) < 2:
        return None
    (name, thing), (other, anchor) = named
    sides = [side for side in dice.shuffled(list(SIDES_OF)) if beside(thing, anchor, side)]
    if not sides:
        return None
    yes, no = _SIDE_WORDS[sides[0]], _SIDE_WORDS[SIDES_OF[sides[0]]]
    pair = _pair("position", f"Is the {name} {{}} the {other}?", yes, no, (thing, anchor))
    return tuple(Question(**{**vars(q), "wording": "paired position"}) for q in pair)


def color(scene: Scene, dice: Dice, balance: Balance) -> Pair | None:
    asked = [(thing.kind, thing.colour, (thing,)) for thing in scene.single() if thing.colour]
    if scene.background.colour:
        asked.append(("background", scene.background.colour, ()))
    if not asked:
        return None
    name, right, seen = dice.pick(asked)
    other = balance.false("paired color", [c for c in COLOUR_NAMES if c != right], dice)
    balance.true("paired color", [right], dice)
    pair = _pair("color", f"Is the {name} {{}}?", right, other, seen)
    return tuple(Question(**{**vars(q), "wording": "paired color"}) for q in pair)


def ocr(scene: Scene, dice: Dice, balance: Balance) -> Pair | None:
    if not scene.prints:
        return None
    print_ = dice.pick(scene.prints)
    if print_.sort == "letters":
        return None
    other = print_.string
    while other == print_.string:
        other = draw_string(print_.sort, scene.split, dice)
    return _pair("OCR", f'Is the {print_.sort} in the image "{{}}"?', print_.string, other, (print_,))


def scene_(scene: Scene, dice: Dice, balance: Balance) -> Pair | None:
    pattern = scene.background.pattern
    if pattern not in ASKED:
        return None
    balance.true("paired scene", [pattern], dice)
    other = balance.false("paired scene", [name for name in ASKED if name != pattern], dice)
    return _pair("scene", "Does this image show a {} background?", pattern, other, ())


def commonsense(scene: Scene, dice: Dice, balance: Balance) -> Pair | None:
    there = sorted({thing.category for thing in scene.things} & set(_ARTICLES))
    missing = sorted(set(_ARTICLES) - set(there))
    if not there or not missing:
        return None
    yes = balance.true("paired category", there, dice)
    no = balance.false("paired category", missing, dice)
    seen = tuple(thing for thing in scene.things if thing.category == yes)
    return _pair("commonsense_reasoning", "Is there {} in this image?", _ARTICLES[yes], _ARTICLES[no], seen)


MAKERS = {
    "existence": existence,
    "count": count,
    "position": position,
    "color": color,
    "OCR": ocr,
    "scene": scene_,
    "commonsense_reasoning": commonsense,
}
"""MME's subtasks that the pocket world has, by their names."""
