"""From a seed to the description of a clip."""

from __future__ import annotations

from pocket_video.clip import FRAMES, SIDE, Actor, Clip, Flash
from pocket_world.backgrounds import draw_background
from pocket_world.colours import COLOUR_NAMES, COLOURS, Shade, contrast, legibility, shade_of
from pocket_world.dice import Dice
from pocket_world.kinds import Kind, could_be_taken_for, icons, shapes
from pocket_world.measures import font_names, icon_aspect, icon_shade, string_aspect
from pocket_world.scene import Background, Box, Print
from pocket_world.splits import split_of
from pocket_world.words import draw_word

_STREAM = 1 << 43
"""Apart from the dice of a scene of the same seed."""
_PATTERNS = {"plain": 5, "gradient": 4, "blurry": 3, "dotted": 1, "striped": 1}
_COUNTS = {1: 1, 2: 4, 3: 6, 4: 5}
_DEEDS = {"stays": 3, "comes": 5, "leaves": 5, "passes": 4, "moves": 4, "changes": 4}
_STRIP = 38
"""Pixels at the bottom that a word has to itself."""
_MARGIN = 6
_VISIBLE = 90
_PASSING = 3
"""Frames that show what passes."""


def compose(seed: int) -> Clip:
    """A clip of one to four actors, each in a lane of its own, and in two of five a word in one frame."""
    split = split_of(seed)
    dice = Dice(_STREAM + seed)
    background = _quiet(dice)
    lanes = dice.pick(("across", "down"))
    flash = _flash(split, background, dice) if dice.chance(0.4) else None
    count = dice.weighted(tuple(_COUNTS), tuple(_COUNTS.values()))
    high = SIDE - (_STRIP if flash else 0)
    deeds = [dice.weighted(tuple(_DEEDS), tuple(_DEEDS.values())) for _ in range(count)]
    starts = dice.sample(range(1, FRAMES), count)
    actors: list[Actor] = []
    for lane, (deed, start) in enumerate(zip(deeds, starts, strict=True)):
        kind = _kind(deed, {actor.kind for actor in actors}, background, dice)
        actors.append(_actor(kind, deed, start, _lane(lane, count, lanes, high), lanes, background, dice))
    return Clip(seed, split, lanes, background, tuple(actors), flash)


def _quiet(dice: Dice) -> Background:
    background = draw_background(dice, dice.weighted(tuple(_PATTERNS), tuple(_PATTERNS.values())))
    return Background(**{**background.__dict__, "grain": 0})


def _lane(number: int, count: int, lanes: str, high: int) -> Box:
    if lanes == "across":
        return (0, high * number // count, SIDE, high // count)
    return (SIDE * number // count, 0, SIDE // count, high)


def _kind(deed: str, taken: set[str], background: Background, dice: Dice) -> Kind:
    if deed == "changes" or dice.chance(0.15):
        return dice.pick([kind for kind in shapes() if kind.name not in taken])
    fits = [
        kind
        for kind in icons()
        if not kind.mass
        and kind.name not in taken
        and not could_be_taken_for(kind.name, taken)
        and contrast(icon_shade(kind.name), background.shades) > _VISIBLE / 2
    ]
    return dice.weighted(fits, [kind.weight for kind in fits])


def _actor(kind: Kind, deed: str, start: int, lane: Box, lanes: str, background: Background, dice: Dice) -> Actor:
    x, y, wide, high = lane
    across = lanes == "across"
    side = dice.between(38, min(60, (high if across else wide) - 2 * _MARGIN))
    aspect = 1.0 if kind.is_shape else icon_aspect(kind.name)
    width, height = (side, max(8, round(side / aspect))) if aspect > 1 else (max(8, round(side * aspect)), side)
    long, own = (wide, width) if across else (high, height)
    play = long - own - 2 * _MARGIN
    aside = _MARGIN + dice.below(max(1, (high - height if across else wide - width) - 2 * _MARGIN))
    if deed == "passes":
        start = 1 + (start - 1) % (FRAMES - 1 - _PASSING)
    moving = deed in ("passes", "moves")
    forward = dice.chance(0.5)
    shown = {"comes": range(start, FRAMES), "leaves": range(start), "passes": range(start, start + _PASSING)}.get(
        deed, range(FRAMES)
    )
    rests = dice.pick((0.0, 0.5, 1.0))
    boxes: list[Box | None] = []
    for frame in range(FRAMES):
        if frame not in shown:
            boxes.append(None)
            continue
        share = (frame - shown[0]) / (len(shown) - 1) if moving else rests
        along = _MARGIN + round(play * (share if forward else 1 - share))
        boxes.append((x + along, y + aside, width, height) if across else (x + aside, y + along, width, height))
    colours, shades = _colours(kind, deed, start, background, dice)
    way = (("left", "right") if across else ("up", "down"))[forward] if moving else None
    return Actor(kind.name, not kind.is_shape and dice.chance(0.5), tuple(boxes), colours, shades, way)


def _colours(
    kind: Kind, deed: str, start: int, background: Background, dice: Dice
) -> tuple[tuple[str, ...], tuple[Shade, ...]]:
    if not kind.is_shape:
        return (), ()
    fits = [name for name in COLOUR_NAMES if contrast(COLOURS[name], background.shades) > _VISIBLE]
    before, after = dice.sample(fits, 2)
    both = [(name, shade_of(name, dice, 8)) for name in (before, after)]
    drawn = [both[deed == "changes" and frame >= start] for frame in range(FRAMES)]
    return tuple(name for name, _ in drawn), tuple(shade for _, shade in drawn)


def _flash(split: str, background: Background, dice: Dice) -> Flash:
    word, font = draw_word(split, dice), dice.pick(font_names())
    height = dice.between(16, 24)
    while height * string_aspect(word, font) > SIDE - 24:
        height -= 1
    width = max(2, round(height * string_aspect(word, font)))
    name = max(COLOUR_NAMES, key=lambda name: legibility(COLOURS[name], background.shades))
    legible = [name for name in COLOUR_NAMES if legibility(COLOURS[name], background.shades) > _VISIBLE] or [name]
    colour = dice.pick(legible)
    x = 12 + dice.below(SIDE - 23 - width)
    y = SIDE - _STRIP + (_STRIP - height) // 2
    box = (x, y, width, height)
    printed = Print(0, word, "word", "medium", colour, shade_of(colour, dice), box, font, None, None, None)
    return Flash(dice.below(FRAMES), printed)
