"""What every patch of a picture shows: targets for training a vision tower."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from pocket_world.assets import Assets
from pocket_world.kinds import names, places
from pocket_world.measures import CHARACTERS, character_spans
from pocket_world.scene import GRID, PATCH, SIDE, Print, Scene
from pocket_world.sprites import thing_sprite

PRINT_CLASS = len(names()) + 1
"""Class number of printed text; kinds are numbered from 1, background is 0."""
CLASSES = PRINT_CLASS + 1
_COVERED = 0.18
_OPAQUE = 100


@dataclass(frozen=True)
class PatchLabels:
    """uint8 arrays of GRID x GRID entries, patches in raster order."""

    kind: np.ndarray
    """0 background, 1.. the place in kinds.names() plus one, PRINT_CLASS printed text"""
    instance: np.ndarray
    """number of the item, see Scene.items"""
    character: np.ndarray
    """0 none, 1.. the place in measures.CHARACTERS plus one, of the character at the patch's centre"""


def label(scene: Scene, assets: Assets) -> PatchLabels:
    """Each patch belongs to what covers most of it, from 18 % on; whatever is smaller has its best patch."""
    kind = np.zeros((GRID, GRID), np.uint8)
    instance = np.zeros((GRID, GRID), np.uint8)
    character = np.zeros((GRID, GRID), np.uint8)
    best = np.full((GRID, GRID), _COVERED)

    def mark(cover: np.ndarray, kind_number: int, instance_number: int) -> np.ndarray:
        won = cover > best
        if not won.any():
            won = cover == cover.max()
        best[won] = cover[won]
        kind[won], instance[won] = kind_number, instance_number
        return won

    for thing in scene.things:
        alpha = np.asarray(thing_sprite(thing, assets).getchannel("A")) > _OPAQUE
        mark(_cover(alpha, thing.box[:2]), places()[thing.kind] + 1, scene.number_of(thing))
    for print_ in scene.prints:
        solid = np.ones((print_.box[3], print_.box[2]), bool)
        won = mark(_cover(solid, print_.box[:2]), PRINT_CLASS, scene.number_of(print_))
        character[won] = np.broadcast_to(_characters(print_), (GRID, GRID))[won]
    return PatchLabels(kind.ravel(), instance.ravel(), character.ravel())


def patchify(picture: Image.Image) -> np.ndarray:
    """uint8 (576, 588): patches in raster order, each as channel, row, column, like a flattened convolution weight."""
    pixels = np.asarray(picture).reshape(GRID, PATCH, GRID, PATCH, 3)
    return np.ascontiguousarray(pixels.transpose(0, 2, 4, 1, 3)).reshape(GRID * GRID, 3 * PATCH * PATCH)


def _cover(opaque: np.ndarray, corner: tuple[int, int]) -> np.ndarray:
    """Share of each patch that is covered."""
    x, y = corner
    whole = np.zeros((SIDE, SIDE), np.float32)
    whole[y : y + opaque.shape[0], x : x + opaque.shape[1]] = opaque
    return whole.reshape(GRID, PATCH, GRID, PATCH).mean((1, 3))


def character_places(print_: Print) -> np.ndarray:
    """Per column of the grid, the place in the string of the character that its middle falls on or is nearest to."""
    x, _, width, _ = print_.box
    middles = (np.arange(GRID) * PATCH + PATCH / 2 - x) / width
    ends = np.array([end for _, end in character_spans(print_.string, print_.font)])
    return np.clip(np.searchsorted(ends, middles), 0, len(ends) - 1)


def letter_places(scene: Scene, instance: np.ndarray) -> np.ndarray:
    """[576]: the place in its string of the character that a patch shows; -1 none"""
    places = np.full((GRID, GRID), -1, np.int64)
    for print_ in scene.prints:
        here = instance.reshape(GRID, GRID) == scene.number_of(print_)
        places[here] = np.broadcast_to(character_places(print_), (GRID, GRID))[here]
    return places.ravel()


def _characters(print_: Print) -> np.ndarray:
    return np.array([CHARACTERS.index(print_.string[place]) + 1 for place in character_places(print_)], np.uint8)
