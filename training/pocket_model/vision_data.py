"""What the vision tower is trained on: patches of scenes and what they show."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pocket_model.feed import Source, Visits, choose_patches
from pocket_world.assets import Assets
from pocket_world.backgrounds import PATTERNS
from pocket_world.colours import COLOUR_NAMES
from pocket_world.content import SIDES
from pocket_world.kinds import places
from pocket_world.labels import letter_places
from pocket_world.measures import CHARACTERS
from pocket_world.scene import GRID, SIDE, Scene
from questions.wording import CATEGORY_PLURALS

ITEMS = 13
"""The background, at most ten things and two prints."""
SLOTS = 9
"""The longest string that is printed."""
LARGEST_COUNT = 8
NONE = -1
CATEGORIES = tuple(CATEGORY_PLURALS)


@dataclass(frozen=True)
class VisionBatch:
    """B scenes of which n patches are looked at; item 0 of a scene is its background. Absent: -1."""

    pixels: Tensor
    """uint8 [B, n, 588]"""
    places: Tensor | None
    """[B, n], or None for all patches in order"""
    kind: Tensor
    """[B, n]: 0 background, 1.. kinds, last: print"""
    item: Tensor
    """[B, n]: whose patch it is"""
    character: Tensor
    """[B, n]: 0 none"""
    letter: Tensor
    """[B, n]: the character's place in its string"""
    centre: Tensor
    """bool [B, n]: the patch in the middle of its item"""
    boxes: Tensor
    """[B, ITEMS, 4]: middle, width, height as shares of the picture"""
    colour: Tensor
    size: Tensor
    """[B, ITEMS]"""
    number: Tensor
    """[B, ITEMS]: how many things of the same kind there are, less one"""
    string: Tensor
    """[B, ITEMS, SLOTS]: characters of prints, 0 after the end"""
    pattern: Tensor
    """[B]"""
    present: Tensor
    """float [B, kinds + 1]: which kinds are there, and whether print"""
    things: Tensor
    """[B]: how many"""
    totals: Tensor
    """[B, 1 + categories]: how many things, how many of each category"""


def vision_batch(
    visits: dict[str, Visits], shares: dict[str, int], patches: int, step: int
) -> VisionBatch:
    """The batch of a step: so many scenes of each sort."""
    taken = [visit for sort, count in shares.items() for visit in visits[sort].take(step * count, count)]
    labels = np.stack([block.labels[place] for block, place, _ in taken])
    if patches < GRID * GRID:
        chosen = choose_patches(labels[:, 1], patches, np.random.default_rng((step, 7)))
        pixels = np.stack([block.pixels[place][rows] for (block, place, _), rows in zip(taken, chosen, strict=True)])
    else:
        chosen = np.broadcast_to(np.arange(GRID * GRID), (len(taken), GRID * GRID))
        pixels = np.stack([block.pixels[place] for block, place, _ in taken])
    kind, item, character = (
        torch.from_numpy(np.take_along_axis(labels[:, part], chosen, 1)).long() for part in range(3)
    )
    letter = np.stack(
        [letter_places(block.scenes[place], row) for (block, place, _), row in zip(taken, labels[:, 1], strict=True)]
    )
    items = [_items(block.scenes[place]) for block, place, _ in taken]
    columns = {name: torch.from_numpy(np.stack([row[name] for row in items])) for name in items[0]}
    places = torch.from_numpy(np.ascontiguousarray(chosen))
    centre = places == columns.pop("centre").gather(1, item)
    return VisionBatch(
        pixels=torch.from_numpy(pixels),
        places=places if patches < GRID * GRID else None,
        kind=kind,
        item=item,
        character=character,
        letter=torch.from_numpy(np.take_along_axis(letter, chosen, 1)),
        centre=centre,
        **columns,
    )


def open_visits(sources: tuple[Source, ...], folder: Path, assets: Assets) -> dict[str, Visits]:
    return {source[0]: Visits(source, folder, assets) for source in sources}


def _items(scene: Scene) -> dict[str, np.ndarray]:
    boxes = np.zeros((ITEMS, 4), np.float32)
    colour, size, number, centre = (np.full(ITEMS, NONE, np.int64) for _ in range(4))
    string = np.full((ITEMS, SLOTS), NONE, np.int64)
    colour[0] = COLOUR_NAMES.index(scene.background.colour) if scene.background.colour else NONE
    counts = scene.kinds()
    for place, item in enumerate(scene.items, 1):
        x, y, width, height = item.box
        boxes[place] = (x + width / 2) / SIDE, (y + height / 2) / SIDE, width / SIDE, height / SIDE
        column, row = (min(GRID - 1, int(part * GRID)) for part in boxes[place, :2])
        centre[place] = row * GRID + column
        colour[place] = COLOUR_NAMES.index(item.colour) if item.colour else NONE
        if place <= len(scene.things):
            size[place] = tuple(SIDES).index(item.size)
            number[place] = min(counts[item.kind], LARGEST_COUNT) - 1
        else:
            string[place] = 0
            string[place, : len(item.string)] = [CHARACTERS.index(letter) + 1 for letter in item.string]
    present = np.zeros(len(places()) + 1, np.float32)
    present[[places()[kind] for kind in counts]] = 1
    present[-1] = bool(scene.prints)
    return {
        "boxes": boxes,
        "colour": colour,
        "size": size,
        "number": number,
        "string": string,
        "centre": centre,
        "present": present,
        "pattern": np.int64(tuple(PATTERNS).index(scene.background.pattern)),
        "things": np.int64(len(scene.things)),
        "totals": np.array([len(scene.things), *(sum(t.category == name for t in scene.things) for name in CATEGORIES)]),
    }
