"""How many? Of a kind, of a category, of all."""

from __future__ import annotations

from pocket_world.dice import Dice
from pocket_world.kinds import by_name
from pocket_world.scene import Scene, Thing
from questions.balance import Balance
from questions.question import Question
from questions.wording import CATEGORY_PLURALS, COUNT_ANSWERS, plural

_KIND = ("How many {} are in the image?", "How many {} are there?", "How many {} do you see?")
_ALL = "How many objects are in the image?"
_ALL_ANSWERS = tuple(str(number) for number in range(11))


def ask(scene: Scene, dice: Dice, balance: Balance) -> list[Question]:
    """The most frequent kind, another present one, an absent one, one category, all things."""
    counts = {kind: count for kind, count in scene.kinds().items() if not by_name()[kind].mass}
    questions = []
    several = [kind for kind, count in counts.items() if count > 1]
    once = [kind for kind, count in counts.items() if count == 1]
    for kind in several + dice.sample(once, 1):
        balance.true("count", [kind], dice)
        questions.append(of_kind(scene, kind, dice))
    if dice.chance(0.25):
        absent = [name for name, kind in by_name().items() if name not in counts and not kind.mass]
        questions.append(of_kind(scene, balance.false("count", absent, dice), dice))
    category = dice.pick(tuple(CATEGORY_PLURALS))
    found = tuple(thing for thing in scene.things if thing.category == category)
    questions.append(_how_many(dice.pick(_KIND), CATEGORY_PLURALS[category], found, COUNT_ANSWERS, "category"))
    questions.append(_how_many(_ALL, "", scene.things, _ALL_ANSWERS, "all"))
    return questions


def of_kind(scene: Scene, kind: str, dice: Dice) -> Question:
    return _how_many(dice.pick(_KIND), plural(kind), scene.of_kind(kind), COUNT_ANSWERS, "kind", kind)


def _how_many(
    wording: str, name: str, found: tuple[Thing, ...], rivals: tuple[str, ...], of: str, kind: str = ""
) -> Question:
    answer = str(len(found))
    rivals = rivals if answer in rivals else (*rivals, answer)
    return Question(
        "count", wording.format(name), answer, found, rivals, f"{wording} {of}", notes={"of": of, "kind": kind}
    )
