"""Printed words and numbers: what is printed, how, and where there is room for it."""

from __future__ import annotations

from pocket_world.colours import COLOUR_NAMES, COLOURS, Shade, contrast, legibility, shade_of
from pocket_world.dice import Dice
from pocket_world.measures import font_names, string_aspect
from pocket_world.room import Room
from pocket_world.scene import SIDE, Background, Print
from pocket_world.words import draw_letters, draw_number, draw_word

HEIGHTS = {"small": (9, 13), "medium": (14, 25), "large": (26, 56)}
"""Height of the capitals in pixels. Small ones are lower than a patch."""
_LEGIBLE = 75
"""Least difference in brightness between a print and what is behind it, of 255."""


def draw_string(sort: str, split: str, dice: Dice) -> str:
    if sort == "word":
        return draw_word(split, dice)
    return draw_number(dice) if sort == "number" else draw_letters(dice)


def place_print(
    number: int, sort: str, size: str | None, split: str, background: Background, room: Room, dice: Dice
) -> Print | None:
    """A print where it fits, or None where the picture is too full."""
    string = draw_string(sort, split, dice)
    font = dice.pick(font_names())
    wanted = size or dice.weighted(tuple(HEIGHTS), (36, 34, 30))
    height = dice.between(*HEIGHTS[wanted])
    aspect = string_aspect(string, font)
    while height * aspect > SIDE - 24:
        height -= 1
    width = max(2, round(height * aspect))
    busy = background.pattern in ("striped", "checkered", "dotted", "busy")
    pad = max(3, height // 4) if dice.chance(0.75 if busy else 0.35) else 0
    place = room.find(width + 2 * pad, height + 2 * pad, dice)
    if place is None:
        return None
    x, y = place
    colour, shade, plate, plate_shade = _draw_colours(background, pad > 0, dice)
    return Print(
        id=number,
        string=string,
        sort=sort,
        size=next(name for name, (_, most) in HEIGHTS.items() if height <= most),
        colour=colour,
        shade=shade,
        box=(x + pad, y + pad, width, height),
        font=font,
        plate=plate,
        plate_shade=plate_shade,
        plate_box=(x, y, width + 2 * pad, height + 2 * pad) if plate else None,
    )


def _draw_colours(background: Background, on_plate: bool, dice: Dice) -> tuple[str, Shade, str | None, Shade | None]:
    behind = background.shades
    plate = plate_shade = None
    if on_plate:
        plate = dice.pick([name for name in COLOUR_NAMES if contrast(COLOURS[name], behind) > 90])
        plate_shade = shade_of(plate, dice)
        behind = (plate_shade,)
    legible = [name for name in COLOUR_NAMES if legibility(COLOURS[name], behind) > _LEGIBLE]
    if not legible:
        legible = [max(COLOUR_NAMES, key=lambda name: legibility(COLOURS[name], behind))]
    colour = dice.pick(legible)
    return colour, shade_of(colour, dice), plate, plate_shade
