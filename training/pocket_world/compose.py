"""From a seed to the description of a scene."""

from __future__ import annotations

from pocket_world.backgrounds import draw_background
from pocket_world.colours import COLOUR_NAMES, COLOURS, contrast, shade_of
from pocket_world.content import SIDES, Wish, draw_count, draw_kinds, draw_print_sorts, draw_sizes, draw_theme, size_of
from pocket_world.dice import Dice
from pocket_world.kinds import by_name
from pocket_world.layouts import HELD_BACK_LAYOUT, LAYOUTS, STRUCTURED, Spot, spots_of
from pocket_world.measures import icon_aspect, icon_shade
from pocket_world.prints import place_print
from pocket_world.room import Room
from pocket_world.scene import Background, Print, Scene, Thing
from pocket_world.splits import split_of

STYLES = {"flat": 60, "shadow": 24, "framed": 16}
"""How things are drawn in every split, with shares in percent."""
HELD_BACK_STYLE = "sticker"
"""Drawn with a white rim: only in test scenes."""
HELD_BACK_SHARE = 0.06
"""Share of the test scenes with the held-back layout, and as many again with the held-back style."""
CARD_PAD = 4
"""Pixels between a framed thing and the rim of its card."""
_VISIBLE = 110
"""Least distance between a thing's mean shade and the background."""


def compose(seed: int, wish: Wish | None = None) -> Scene:
    """The scene of a seed. `wish` narrows what is drawn (a scene with a wish is another scene than without)."""
    wish = wish or Wish()
    split = split_of(seed)
    dice = Dice(seed)
    layout, style = _draw_manner(split, dice)
    theme = draw_theme(dice)
    background = draw_background(dice, wish.pattern)
    count, repeats = draw_count(wish, dice)
    sorts = draw_print_sorts(dice, wish.prints)
    room = Room()
    prints: list[Print] = []
    things: list[Thing] = []

    def put_prints() -> None:
        for sort in sorts:
            made = place_print(len(prints), sort, wish.print_size, split, background, room, dice)
            if made:
                prints.append(made)

    if layout not in STRUCTURED:
        put_prints()
    names = draw_kinds(count, repeats, theme, dice)
    for name, size, spot in zip(names, draw_sizes(count, dice), spots_of(layout, count, dice), strict=True):
        thing = _place_thing(len(things), name, size, spot, style, background, room, dice)
        if thing:
            things.append(thing)
    if layout in STRUCTURED:
        put_prints()
    return Scene(seed, split, layout, style, theme, background, tuple(things), tuple(prints))


def _draw_manner(split: str, dice: Dice) -> tuple[str, str]:
    layout = dice.weighted(tuple(LAYOUTS), [share for _, share in LAYOUTS.values()])
    style = dice.weighted(tuple(STYLES), tuple(STYLES.values()))
    chance = dice.unit()
    if split == "test" and chance < HELD_BACK_SHARE:
        return HELD_BACK_LAYOUT, style
    if split == "test" and chance < 2 * HELD_BACK_SHARE:
        return layout, HELD_BACK_STYLE
    return layout, style


def _place_thing(
    number: int, name: str, size: str, spot: Spot, style: str, background: Background, room: Room, dice: Dice
) -> Thing | None:
    kind = by_name()[name]
    aspect = 1.0 if kind.is_shape else icon_aspect(name)
    framed = style == "framed"
    pad = CARD_PAD if framed else 2 if style == "sticker" else 0
    for attempt in range(50):
        low, high = SIDES[size] if attempt < 25 else SIDES["tiny"]
        side = min(dice.between(low, high), max(SIDES["tiny"][0], spot.room - 2 * pad))
        width = side if aspect >= 1 else max(8, round(side * aspect))
        height = side if aspect <= 1 else max(8, round(side / aspect))
        x = round(spot.x + spot.play * (2 * dice.unit() - 1) - width / 2)
        y = round(spot.y + spot.play * (2 * dice.unit() - 1) - height / 2)
        outer = (x - pad, y - pad, width + 2 * pad, height + 2 * pad)
        if not room.is_free(outer):
            continue
        if not (kind.is_shape or framed) and contrast(icon_shade(name), background.shades) < _VISIBLE / 2:
            return None  # the icon would drown in this background
        room.take(outer)
        colour = _draw_colour(background, framed, dice) if kind.is_shape else None
        return Thing(
            id=number,
            kind=name,
            category=kind.category,
            colour=colour,
            shade=shade_of(colour, dice, 8) if colour else None,
            box=(x, y, width, height),
            size=size_of(max(width, height)),
            mirrored=not kind.is_shape and dice.chance(0.5),
        )
    return None


def _draw_colour(background: Background, framed: bool, dice: Dice) -> str:
    """A shape's colour that stands out from what is behind it; cards are nearly white."""
    behind = ((250, 250, 248),) if framed else background.shades
    return dice.pick([name for name in COLOUR_NAMES if contrast(COLOURS[name], behind) > _VISIBLE])
