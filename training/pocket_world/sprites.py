"""The pieces that a picture is put together from, at their sizes: icons, shapes, strings."""

from __future__ import annotations

from PIL import Image, ImageDraw

from pocket_world.assets import Assets
from pocket_world.scene import Print, Thing

_FINE = 4  # shapes are drawn this many times larger, then reduced, for smooth rims
_LANCZOS = Image.Resampling.LANCZOS


def thing_sprite(thing: Thing, assets: Assets) -> Image.Image:
    """RGBA, as large as the thing's box."""
    width, height = thing.box[2:]
    if thing.shade is not None:
        sprite = Image.new("RGBA", (width, height), (*thing.shade, 255))
        sprite.putalpha(shape_mask(thing.kind, width, height))
        return sprite
    sprite = assets.icon(thing.kind).resize((width, height), _LANCZOS).convert("RGBA")
    return sprite.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if thing.mirrored else sprite


def shape_mask(kind: str, width: int, height: int) -> Image.Image:
    """How much of each pixel a shape covers, 0 to 255."""
    w, h = width * _FINE, height * _FINE
    mask = Image.new("L", (w, h))
    draw = ImageDraw.Draw(mask)
    if kind == "circle":
        draw.ellipse((0, 0, w - 1, h - 1), fill=255)
    elif kind == "square":
        draw.rectangle((0, 0, w, h), fill=255)
    elif kind == "triangle":
        draw.polygon([(w / 2, 0), (w - 1, h - 1), (0, h - 1)], fill=255)
    elif kind == "diamond":
        draw.polygon([(w / 2, 0), (w - 1, h / 2), (w / 2, h - 1), (0, h / 2)], fill=255)
    elif kind == "cross":
        draw.rectangle((w * 0.32, 0, w * 0.68, h), fill=255)
        draw.rectangle((0, h * 0.32, w, h * 0.68), fill=255)
    elif kind == "heart":
        draw.ellipse((0, h * 0.04, w * 0.53, h * 0.57), fill=255)
        draw.ellipse((w * 0.47 - 1, h * 0.04, w - 1, h * 0.57), fill=255)
        draw.polygon([(w * 0.06, h * 0.45), (w * 0.94, h * 0.45), (w / 2, h - 1)], fill=255)
        draw.rectangle((w * 0.3, h * 0.3, w * 0.7, h * 0.5), fill=255)
    else:
        raise ValueError(f"no shape {kind!r}")
    return mask.resize((width, height), Image.Resampling.BOX)


def print_mask(print_: Print, assets: Assets) -> Image.Image:
    """How much of each pixel a string's ink covers, as large as its box."""
    font = assets.font(print_.font)
    left, top, right, bottom = font.getbbox(print_.string)
    mask = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(mask).text((-left, -top), print_.string, font=font, fill=255)
    return mask.resize(print_.box[2:], _LANCZOS)
