"""How things are named in questions and answers."""

from __future__ import annotations

from pocket_world.colours import COLOUR_NAMES
from pocket_world.kinds import by_name
from pocket_world.scene import SIDE, Scene, Thing

COUNT_ANSWERS = tuple(str(number) for number in range(9))
REGIONS = ("top left", "top", "top right", "left", "center", "right", "bottom left", "bottom", "bottom right")
CATEGORY_PLURALS = {"animal": "animals", "food": "food items", "vehicle": "vehicles", "shape": "shapes"}
"""Categories that one can ask for; "object" and "nature" say too little."""


def a(name: str) -> str:
    """The name with its article: a dog, an apple, bread, a red circle."""
    last = name.split()[-1]
    if by_name()[last].mass:
        return name
    return ("an " if name[0] in "aeiou" else "a ") + name


def plural(name: str) -> str:
    """dogs, mice, red circles"""
    *before, last = name.split()
    return " ".join([*before, by_name()[last].plural])


def full_name(thing: Thing) -> str:
    """With the colour where it has one."""
    return f"{thing.colour} {thing.kind}" if thing.colour else thing.kind


def referents(scene: Scene) -> list[tuple[str, Thing]]:
    """The things that a question can point to ("the dog", "the red circle"), each with its name."""
    singles = [(thing.kind, thing) for thing in scene.single()]
    names = [full_name(thing) for thing in scene.things]
    several = scene.kinds()
    return singles + [
        (full_name(thing), thing)
        for thing in scene.things
        if thing.colour and several[thing.kind] > 1 and names.count(full_name(thing)) == 1
    ]


def region_of(thing: Thing) -> str | None:
    """In which ninth of the picture the thing's centre lies; None where that is close to call."""
    third, unsure = SIDE / 3, 9
    if any(abs(part - line) < unsure for part in thing.centre for line in (third, 2 * third)):
        return None
    column, row = (int(part // third) for part in thing.centre)
    return REGIONS[3 * row + column]


def absent_colours(scene: Scene, kind: str) -> list[str]:
    present = {thing.colour for thing in scene.of_kind(kind)}
    return [colour for colour in COLOUR_NAMES if colour not in present]
