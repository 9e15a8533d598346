"""From the description of a clip to its frames, and what each of their patches shows."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from PIL import Image

from pocket_video.clip import FRAMES, GRID, MILLISECONDS, SIDE, Actor, Clip
from pocket_world.assets import Assets
from pocket_world.backgrounds import paint_background
from pocket_world.scene import PATCH, Thing
from pocket_world.sprites import print_mask, thing_sprite

QUALITY = 80
_COVERED = 0.18
_OPAQUE = 100


class Painter:
    """Paints clips with a folder of icons and fonts; keeps the last icons at their sizes."""

    def __init__(self, assets: Assets):
        self._assets = assets
        self._sprite = lru_cache(maxsize=256)(self._draw)

    def _draw(self, kind: str, size: tuple[int, int], shade: tuple[int, int, int] | None, mirrored: bool) -> Image.Image:
        return thing_sprite(Thing(0, kind, "", None, shade, (0, 0, *size), "", mirrored), self._assets)

    def _of(self, actor: Actor, frame: int) -> Image.Image:
        shade = actor.shades[frame] if actor.shades else None
        return self._sprite(actor.kind, actor.boxes[frame][2:], shade, actor.mirrored)

    def frames(self, clip: Clip) -> list[Image.Image]:
        """FRAMES pictures, SIDE x SIDE, RGB."""
        ground = paint_background(clip.background).crop((0, 0, SIDE, SIDE))
        pictures = [ground.copy() for _ in range(FRAMES)]
        for frame, picture in enumerate(pictures):
            for actor in clip.actors:
                box = actor.boxes[frame]
                if box:
                    sprite = self._of(actor, frame)
                    picture.paste(sprite, box[:2], sprite)
        if clip.flash:
            printed = clip.flash.print
            pictures[clip.flash.frame].paste(printed.shade, printed.box[:2], print_mask(printed, self._assets))
        return pictures

    def actors(self, clip: Clip) -> np.ndarray:
        """uint8 [FRAMES, GRID * GRID]: the number of the actor, from 1, that a patch shows; 0 none. A word is the number
        behind the last actor's."""
        numbers = np.zeros((FRAMES, GRID, GRID), np.uint8)
        best = np.full((FRAMES, GRID, GRID), _COVERED)
        for number, actor in enumerate(clip.actors, 1):
            for frame, box in enumerate(actor.boxes):
                if box:
                    alpha = np.asarray(self._of(actor, frame).getchannel("A")) > _OPAQUE
                    won = (share := _cover(alpha, box)) > best[frame]
                    numbers[frame][won], best[frame][won] = number, share[won]
        if clip.flash:
            x, y, width, height = clip.flash.print.box
            share = _cover(np.ones((height, width), bool), (x, y, width, height))
            numbers[clip.flash.frame][share > _COVERED] = len(clip.actors) + 1
        return numbers.reshape(FRAMES, GRID * GRID)


def _cover(opaque: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
    """Share of each patch that is covered."""
    x, y, width, height = box
    whole = np.zeros((SIDE, SIDE), np.float32)
    whole[y : y + height, x : x + width] = opaque
    return whole.reshape(GRID, PATCH, GRID, PATCH).mean((1, 3))


def patchify(pictures: list[Image.Image]) -> np.ndarray:
    """uint8 [FRAMES, GRID * GRID, 588]: patches in raster order, each as channel, row, column."""
    pixels = np.stack([np.asarray(picture) for picture in pictures])
    pixels = pixels.reshape(len(pictures), GRID, PATCH, GRID, PATCH, 3).transpose(0, 1, 3, 5, 2, 4)
    return np.ascontiguousarray(pixels).reshape(len(pictures), GRID * GRID, 3 * PATCH * PATCH)


def webp(pictures: list[Image.Image]) -> bytes:
    """An animation: read without a decoder of videos. Every frame is a whole picture of its own, put together here: encoders of
    animations join frames that are alike into one."""
    width, height = ((side - 1).to_bytes(3, "little") for side in pictures[0].size)
    head = _chunk(b"VP8X", bytes([_ANIMATED, 0, 0, 0]) + width + height) + _chunk(b"ANIM", bytes(6))
    place = bytes(6) + width + height + MILLISECONDS.to_bytes(3, "little") + bytes([_WHOLE])
    frames = b"".join(_chunk(b"ANMF", place + _still(picture)) for picture in pictures)
    return b"RIFF" + (4 + len(head) + len(frames)).to_bytes(4, "little") + b"WEBP" + head + frames


_ANIMATED, _WHOLE = 0x02, 0x02
"""Flags of the WebP container: there is an animation; a frame is not blended with the one before."""


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + len(content).to_bytes(4, "little") + content + bytes(len(content) % 2)


def _still(picture: Image.Image) -> bytes:
    """The picture's own chunk, without the container around it."""
    stream = io.BytesIO()
    picture.save(stream, "WEBP", quality=QUALITY, method=4)
    return stream.getvalue()[12:]
