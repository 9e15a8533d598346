"""Ten colour names, told apart by their nearest centre, and the palettes of backgrounds."""

from __future__ import annotations

from pocket_world.dice import Dice

Shade = tuple[int, int, int]

COLOURS: dict[str, Shade] = {
    "red": (215, 40, 40),
    "green": (45, 160, 70),
    "blue": (45, 90, 215),
    "yellow": (245, 215, 40),
    "orange": (245, 140, 30),
    "purple": (140, 60, 190),
    "black": (28, 28, 28),
    "white": (245, 245, 245),
    "pink": (245, 150, 190),
    "gray": (140, 140, 140),
}
COLOUR_NAMES = tuple(COLOURS)

PALETTES: tuple[tuple[Shade, Shade], ...] = (
    ((135, 190, 235), (228, 241, 250)),  # sky
    ((250, 178, 130), (132, 92, 150)),  # sunset
    ((200, 224, 150), (104, 160, 92)),  # meadow
    ((242, 224, 188), (212, 174, 126)),  # sand
    ((24, 30, 62), (66, 66, 118)),  # night
    ((250, 248, 240), (226, 220, 206)),  # paper
    ((206, 236, 222), (124, 190, 170)),  # mint
    ((226, 214, 242), (162, 140, 200)),  # lavender
    ((255, 220, 204), (240, 160, 150)),  # peach
    ((94, 106, 122), (160, 172, 186)),  # slate
    ((150, 44, 88), (226, 124, 152)),  # berry
    ((22, 104, 108), (128, 198, 190)),  # teal
    ((60, 44, 36), (150, 112, 82)),  # wood
    ((255, 244, 190), (246, 204, 96)),  # honey
    ((40, 66, 46), (98, 132, 88)),  # forest
    ((214, 226, 236), (150, 168, 184)),  # steel
)


def distance(a: Shade, b: Shade) -> int:
    """Sum of the absolute differences of red, green and blue: 0 to 765."""
    return abs(a[0] - b[0]) + abs(a[1] - b[1]) + abs(a[2] - b[2])


def luminance(shade: Shade) -> float:
    """Perceived brightness, 0 to 255 (ITU-R BT.601)."""
    return 0.299 * shade[0] + 0.587 * shade[1] + 0.114 * shade[2]


def legibility(shade: Shade, behind: tuple[Shade, ...]) -> float:
    """How much brighter or darker than all that is behind it."""
    return min(abs(luminance(shade) - luminance(other)) for other in behind)


def nearest(shade: Shade) -> str:
    return min(COLOUR_NAMES, key=lambda name: distance(COLOURS[name], shade))


def shade_of(name: str, dice: Dice, spread: int = 7) -> Shade:
    """A shade near the name's centre, still nearest to it."""
    while True:
        shade = tuple(min(255, max(0, part + dice.between(-spread, spread))) for part in COLOURS[name])
        if nearest(shade) == name:
            return shade


def contrast(shade: Shade, others: tuple[Shade, ...]) -> int:
    """Distance to the nearest of the others."""
    return min(distance(shade, other) for other in others)
