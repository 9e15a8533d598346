"""Backgrounds, from plain to busy: what they are (drawn from the dice) and their pixels (drawn with numpy)."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from pocket_world.colours import COLOUR_NAMES, PALETTES, Shade, shade_of
from pocket_world.dice import Dice
from pocket_world.scene import SIDE, Background

PATTERNS = {"plain": 36, "gradient": 17, "blurry": 13, "striped": 8, "checkered": 8, "dotted": 8, "busy": 10}
"""Shares in percent."""


def draw_background(dice: Dice, pattern: str | None = None) -> Background:
    """A background; of the given pattern where one is asked for."""
    pattern = pattern or dice.weighted(tuple(PATTERNS), tuple(PATTERNS.values()))
    colour = dice.pick(COLOUR_NAMES) if pattern == "plain" else None
    if colour:
        shades = (shade_of(colour, dice),)
    else:
        low, high = dice.pick(PALETTES)
        if dice.chance(0.5):
            low, high = high, low
        shades = (_moved(low, dice), _moved(high, dice))
    return Background(
        pattern=pattern,
        colour=colour,
        shades=shades,
        scale=dice.pick((16, 22, 28, 36)),
        angle=dice.pick((0, 45, 90, 135)) if pattern == "striped" else dice.below(360),
        grain=dice.between(2, 6) if dice.chance(0.15) else 0,
        seed=dice.below(2**31),
    )


def _moved(shade: Shade, dice: Dice) -> Shade:
    return tuple(min(255, max(0, part + dice.between(-8, 8))) for part in shade)


def paint_background(background: Background) -> Image.Image:
    """SIDE x SIDE, RGB. The noise comes from numpy's frozen RandomState."""
    noise = np.random.RandomState(background.seed)
    first = np.array(background.shades[0], np.float32)
    last = np.array(background.shades[-1], np.float32)
    if background.pattern == "plain":
        share = np.zeros((SIDE, SIDE), np.float32)
    elif background.pattern == "gradient":
        share = _ramp(background.angle)
    elif background.pattern == "blurry":
        share = _clouds(noise, background.scale // 5)
    elif background.pattern == "busy":
        share = (_clouds(noise, 7) * 0.5 + _clouds(noise, 24) * 0.5 > 0.5) * 0.45 + _clouds(noise, 60) * 0.35
    else:
        share = _tiles(background)
    pixels = first + (last - first) * share[..., None]
    if background.grain:
        pixels = pixels + noise.standard_normal((SIDE, SIDE, 1)) * background.grain
    return Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))


def _axes() -> tuple[np.ndarray, np.ndarray]:
    line = np.arange(SIDE, dtype=np.float32)
    return line[None, :], line[:, None]


def _ramp(angle: int) -> np.ndarray:
    x, y = _axes()
    ramp = x * math.cos(math.radians(angle)) + y * math.sin(math.radians(angle))
    return (ramp - ramp.min()) / (ramp.max() - ramp.min())


def _clouds(noise: np.random.RandomState, cells: int) -> np.ndarray:
    """Smooth noise with about `cells` bumps a side, from 0 to 1."""
    coarse = Image.fromarray(noise.random_sample((cells, cells)).astype(np.float32))
    smooth = np.asarray(coarse.resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    return (smooth - smooth.min()) / (smooth.max() - smooth.min())


def _tiles(background: Background) -> np.ndarray:
    x, y = _axes()
    scale = background.scale
    if background.pattern == "striped":
        turned = x * math.cos(math.radians(background.angle)) + y * math.sin(math.radians(background.angle))
        return (np.floor(turned / scale) % 2).astype(np.float32) * 0.6
    if background.pattern == "checkered":
        return ((x // scale + y // scale) % 2).astype(np.float32) * 0.6
    row = y // scale
    away = np.hypot((x + (row % 2) * scale / 2) % scale - scale / 2, y % scale - scale / 2)
    return np.clip(scale * 0.22 - away + 0.5, 0, 1).astype(np.float32) * 0.8
