"""What a program that recognises text might find: TextVQA comes with such tokens, and they are not perfect."""

from __future__ import annotations

from pocket_world.dice import Dice
from pocket_world.scene import SIDE, Print, Scene

_FOUND = {"small": 0.45, "medium": 0.9, "large": 0.97}
_MIXED_UP = {
    "O": "0",
    "0": "O",
    "I": "1",
    "1": "I",
    "S": "5",
    "5": "S",
    "B": "8",
    "8": "B",
    "Z": "2",
    "2": "Z",
    "G": "6",
    "6": "G",
}
_SLIP = 0.12


def recognise(scene: Scene, dice: Dice) -> list[tuple[str, Print]]:
    """Tokens in reading order, each with its print. Small prints are often missed, letters now and then mixed up."""
    found = [print_ for print_ in scene.prints if dice.chance(_FOUND[print_.size])]
    ordered = sorted(found, key=lambda print_: (print_.box[1], print_.box[0]))
    return [(_read(print_.string, dice), print_) for print_ in ordered]


def _read(string: str, dice: Dice) -> str:
    places = [place for place, character in enumerate(string) if character in _MIXED_UP]
    if not places or not dice.chance(_SLIP):
        return string
    place = dice.pick(places)
    return string[:place] + _MIXED_UP[string[place]] + string[place + 1 :]


def ocr_info(token: str, print_: Print) -> dict:
    """Sizes and places as shares of the picture's side."""
    x, y, width, height = (round(part / SIDE, 6) for part in print_.box)
    box = {
        "width": width,
        "height": height,
        "rotation": 0,
        "roll": 0,
        "pitch": 0,
        "yaw": 0,
        "top_left_x": x,
        "top_left_y": y,
    }
    return {"word": token, "bounding_box": box}
