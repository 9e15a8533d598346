"""What is printed? Words, numbers and letters, large and small."""

from __future__ import annotations

from pocket_world.dice import Dice
from pocket_world.scene import Print, Scene
from questions.balance import Balance
from questions.question import Question

_BY_SORT = {
    "word": ("What word is written in the image?", "What is the word?", "What is the word in the image?"),
    "number": ("What number is shown in the image?", "What number is this?", "What is the number in the image?"),
    "letters": ("What letters are printed in the image?",),
}
_ALONE = ("What does the text say?", "What is written?", "What is written in the image?")
_ON_PLATE = ("What does the {} sign say?", "What is written on the {} sign?")
_IN_COLOUR = "What is written in {}?"


def ask(scene: Scene, dice: Dice, balance: Balance) -> list[Question]:
    """Every print by its sort; the only one plainly; one by its colour or its plate's."""
    questions = [reading(print_, dice.pick(_BY_SORT[print_.sort])) for print_ in scene.prints]
    if len(scene.prints) == 1:
        questions.append(reading(scene.prints[0], dice.pick(_ALONE)))
    colours = [print_.colour for print_ in scene.prints]
    plates = [print_.plate for print_ in scene.prints]
    for print_ in scene.prints:
        if print_.plate and plates.count(print_.plate) == 1:
            questions.append(reading(print_, dice.pick(_ON_PLATE), print_.plate))
        elif colours.count(print_.colour) == 1:
            questions.append(reading(print_, _IN_COLOUR, print_.colour))
    return questions


def reading(print_: Print, wording: str, slot: str = "") -> Question:
    """The answer is as printed, in capitals."""
    notes = {"sort": print_.sort}
    return Question("reading", wording.format(slot), print_.string, (print_,), (), wording, notes=notes)
