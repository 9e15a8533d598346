"""A short caption: what is there from left to right, what is printed, and the background."""

from __future__ import annotations

from pocket_world.dice import Dice
from pocket_world.scene import Scene
from questions.balance import Balance
from questions.question import Question
from questions.wording import a, full_name, plural

WORDINGS = ("Describe the image.", "What is in this picture?", "Describe the image concisely.")
_MOST = 6
"""Scenes with more sorts of things are not captioned: the caption would be a list."""


def ask(scene: Scene, dice: Dice, balance: Balance) -> list[Question]:
    names = list(dict.fromkeys(full_name(thing) for thing in sorted(scene.things, key=lambda thing: thing.centre)))
    if len(names) > _MOST:
        return []
    wording = dice.pick(WORDINGS)
    shown = scene.things + scene.prints
    return [Question("caption", wording, caption(scene, names), shown, (), wording)]


def caption(scene: Scene, names: list[str]) -> str:
    """ "a dog, 3 red circles and the word STOP on a striped background" """
    counts = {name: sum(full_name(thing) == name for thing in scene.things) for name in names}
    parts = [a(name) if count == 1 else f"{count} {plural(name)}" for name, count in counts.items()]
    parts += [f"the {print_.sort} {print_.string}" for print_ in scene.prints]
    listed = ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + (parts[-1] if parts else "nothing")
    background = scene.background.colour or scene.background.pattern
    return f"{listed} on {'an' if background[0] in 'aeiou' else 'a'} {background} background"
