"""What is it? Answers are names of kinds."""

from __future__ import annotations

from pocket_world.dice import Dice
from pocket_world.scene import Scene, Thing
from questions.balance import Balance
from questions.question import Question
from questions.relation import SIDES_OF, beside
from questions.wording import CATEGORY_PLURALS, full_name, referents, region_of

_ONLY = ("What is in the image?", "What object is this?")
_CATEGORY = ("What {} is in the image?", "Which {} is shown?", "What kind of {} is shown in the picture?")
_REGION = ("What is at the {} of the image?", "What is in the {}?")
_BESIDE = {
    "left": ("What is to the left of the {}?", "What is left of the {}?"),
    "right": ("What is to the right of the {}?", "What is right of the {}?"),
    "above": ("What is above the {}?",),
    "below": ("What is below the {}?",),
}


def ask(scene: Scene, dice: Dice, balance: Balance) -> list[Question]:
    """The only kind, a kind by its category, by its place, by its neighbour, and a shape by its colour."""
    return [
        *_only(scene, dice),
        *_by_category(scene, dice),
        *_by_region(scene, dice),
        *_by_neighbour(scene, dice),
        *_by_colour(scene, dice),
    ]


def _what(wording: str, slot: str, thing: Thing, notes: dict | None = None) -> Question:
    return Question("what", wording.format(slot), thing.kind, (thing,), (), wording, notes=notes or {})


def _only(scene: Scene, dice: Dice) -> list[Question]:
    if len(scene.kinds()) != 1 or scene.prints:
        return []
    return [_what(dice.pick(_ONLY), "", scene.things[0])]


def _by_category(scene: Scene, dice: Dice) -> list[Question]:
    questions = []
    for category in CATEGORY_PLURALS:
        found = [thing for thing in scene.things if thing.category == category]
        if len({thing.kind for thing in found}) == 1:
            questions.append(_what(dice.pick(_CATEGORY), category, found[0], {"category": category}))
    return questions


def _by_region(scene: Scene, dice: Dice) -> list[Question]:
    """Only where nothing else, and nothing of an unsure place, is there."""
    regions = [region_of(thing) for thing in scene.things]
    if len(scene.things) < 2 or None in regions:
        return []
    alone = [(thing, region) for thing, region in zip(scene.things, regions, strict=True) if regions.count(region) == 1]
    return [_what(dice.pick(_REGION), region, thing, {"region": region}) for thing, region in dice.sample(alone, 1)]


def _by_neighbour(scene: Scene, dice: Dice) -> list[Question]:
    """Only where exactly one thing lies on that side of the other."""
    questions = []
    for name, anchor in dice.sample(referents(scene), 2):
        side = dice.pick(tuple(SIDES_OF))
        others = [thing for thing in scene.things if thing.id != anchor.id]
        verdicts = [beside(thing, anchor, side) for thing in others]
        if verdicts.count(True) == 1 and None not in verdicts:
            thing = others[verdicts.index(True)]
            question = _what(dice.pick(_BESIDE[side]), name, thing, {"side": side, "anchor": name})
            questions.append(Question(**{**vars(question), "shown": (thing, anchor)}))
    return questions


def _by_colour(scene: Scene, dice: Dice) -> list[Question]:
    shapes = [thing for thing in scene.things if thing.colour]
    names = [full_name(thing).split()[0] for thing in shapes]
    alone = [thing for thing, colour in zip(shapes, names, strict=True) if names.count(colour) == 1]
    return [
        _what("What shape is {}?", thing.colour, thing, {"colour": thing.colour}) for thing in dice.sample(alone, 1)
    ]
