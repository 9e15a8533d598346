"""Which colour? Of shapes, plain backgrounds, printed words and the plates behind them."""

from __future__ import annotations

from pocket_world.colours import COLOUR_NAMES
from pocket_world.dice import Dice
from pocket_world.scene import Print, Scene, Thing
from questions.balance import Balance
from questions.question import Question

_SHAPE = ("What color is the {}?", "What is the color of the {}?")


def ask(scene: Scene, dice: Dice, balance: Balance) -> list[Question]:
    questions = [
        _colour(dice.pick(_SHAPE), thing.kind, thing.colour, (thing,)) for thing in scene.single() if thing.colour
    ]
    if scene.background.colour:
        questions.append(_colour(dice.pick(_SHAPE), "background", scene.background.colour, ()))
    for print_ in scene.prints:
        name = "number" if print_.sort == "number" else "word" if print_.sort == "word" else "text"
        questions.append(_colour(dice.pick(_SHAPE), name, print_.colour, (print_,)))
    plates = [print_ for print_ in scene.prints if print_.plate]
    if len(plates) == 1:
        questions.append(_colour(dice.pick(_SHAPE), "sign", plates[0].plate, (plates[0],)))
    return questions


def _colour(wording: str, name: str, answer: str, shown: tuple[Thing | Print, ...]) -> Question:
    key = wording.replace("{}", name) if name in ("background", "number", "word", "text", "sign") else wording
    return Question("colour", wording.format(name), answer, shown, COLOUR_NAMES, key, notes={"subject": name})
