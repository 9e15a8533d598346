"""Painted scenes on disk, in blocks that any process can make alone and that are made only once.

Beside each block lies a digest of what it was painted from. Where scenes, icons, fonts or the libraries that draw are
others now, it is painted anew."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL

from pocket_world.assets import Assets
from pocket_world.compose import compose
from pocket_world.content import Wish
from pocket_world.dice import Dice
from pocket_world.labels import label, patchify
from pocket_world.paint import paint
from pocket_world.scene import Scene
from pocket_world.splits import seeds_of

BLOCK = 256
"""Scenes per block."""
_LETTERS_START = 50_000_000
"""Training scenes from here on are drawn with `letters_wish`."""
_VALIDATION = "validation"


@dataclass(frozen=True)
class Block:
    """Scenes with their pixels and labels."""

    scenes: list[Scene]
    pixels: np.ndarray
    """uint8 [scenes, 576, 588], see labels.patchify; mapped from disk"""
    labels: np.ndarray
    """uint8 [scenes, 3, 576]: kind, instance, character; see labels.PatchLabels"""


def letters_wish(seed: int) -> Wish:
    """Hardly anything but print: one or two, of every size alike."""
    dice = Dice((1 << 41) + seed)
    return Wish(things=(0, 1), prints=dice.weighted((1, 2), (70, 30)), print_size=dice.pick(("small", "medium", "large")))


def scenes_of(sort: str, number: int) -> list[Scene]:
    """The scenes of a block: `all` as they come, `letters` with print, `validation` for watching."""
    if sort == "letters":
        return [compose(seed, letters_wish(seed)) for seed in seeds_of("train", _LETTERS_START + number * BLOCK, BLOCK)]
    split = _VALIDATION if sort == _VALIDATION else "train"
    return [compose(seed) for seed in seeds_of(split, number * BLOCK, BLOCK)]


def block(sort: str, number: int, folder: Path, assets: Assets) -> Block:
    """Reads a block; paints it first where it is missing or was painted from something else. Each file is whole or not there,
    and the digest comes last, so that several processes can paint and any of them can be cut off."""
    scenes = scenes_of(sort, number)
    wanted = _origin(scenes, assets)
    pixels, labels = (folder / f"{sort}-{number:05d}-{part}.npy" for part in ("pixels", "labels"))
    origin = folder / f"{sort}-{number:05d}-origin.txt"
    if not (pixels.exists() and labels.exists() and origin.exists() and origin.read_text() == wanted):
        folder.mkdir(parents=True, exist_ok=True)
        painted = [_paint(scene, assets) for scene in scenes]
        origin.unlink(missing_ok=True)
        _write(labels, np.stack([patches for _, patches in painted]))
        _write(pixels, np.stack([picture for picture, _ in painted]))
        partial = origin.with_suffix(f".{os.getpid()}.tmp")
        partial.write_text(wanted)
        partial.replace(origin)
    return Block(scenes, np.load(pixels, mmap_mode="r"), np.load(labels))


def _origin(scenes: list[Scene], assets: Assets) -> str:
    """Digest of all that pixels and labels come from; pixels are the same for the same numpy and Pillow."""
    told = [assets.identity, f"numpy {np.__version__}, Pillow {PIL.__version__}", *(scene.to_json() for scene in scenes)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _paint(scene: Scene, assets: Assets) -> tuple[np.ndarray, np.ndarray]:
    patches = label(scene, assets)
    return patchify(paint(scene, assets)), np.stack([patches.kind, patches.instance, patches.character])


def _write(path: Path, array: np.ndarray) -> None:
    partial = path.with_suffix(f".{os.getpid()}.tmp")
    with partial.open("wb") as file:
        np.save(file, array)
    partial.replace(path)
