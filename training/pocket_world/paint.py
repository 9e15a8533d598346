"""From the description of a scene to its pixels."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFilter

from pocket_world.assets import Assets
from pocket_world.backgrounds import paint_background
from pocket_world.compose import CARD_PAD
from pocket_world.scene import Print, Scene, Thing
from pocket_world.sprites import print_mask, thing_sprite

_CARD = (250, 250, 248)
_RIM = 2


def paint(scene: Scene, assets: Assets) -> Image.Image:
    """The picture, RGB."""
    picture = paint_background(scene.background)
    for thing in scene.things:
        _paint_thing(picture, thing, scene.style, assets)
    for print_ in scene.prints:
        _paint_print(picture, print_, assets)
    return picture


def _paint_thing(picture: Image.Image, thing: Thing, style: str, assets: Assets) -> None:
    sprite = thing_sprite(thing, assets)
    x, y, width, height = thing.box
    if style == "framed":
        card = (x - CARD_PAD, y - CARD_PAD, x + width + CARD_PAD - 1, y + height + CARD_PAD - 1)
        ImageDraw.Draw(picture).rounded_rectangle(card, radius=5, fill=_CARD, outline=(205, 205, 200))
    elif style == "shadow":
        drop = max(1, height // 20)
        room = 3 * drop
        mask = Image.new("L", (width + 2 * room, height + 2 * room))
        mask.paste(sprite.getchannel("A").point(lambda alpha: alpha * 2 // 5), (room, room))
        picture.paste((0, 0, 0), (x - room + drop, y - room + drop), mask.filter(ImageFilter.GaussianBlur(drop)))
    elif style == "sticker":
        mask = Image.new("L", (width + 2 * _RIM, height + 2 * _RIM))
        mask.paste(sprite.getchannel("A"), (_RIM, _RIM))
        picture.paste((255, 255, 255), (x - _RIM, y - _RIM), mask.filter(ImageFilter.MaxFilter(2 * _RIM + 1)))
    picture.paste(sprite, (x, y), sprite)


def _paint_print(picture: Image.Image, print_: Print, assets: Assets) -> None:
    if print_.plate_box:
        x, y, width, height = print_.plate_box
        plate = (x, y, x + width - 1, y + height - 1)
        ImageDraw.Draw(picture).rounded_rectangle(plate, radius=3, fill=print_.plate_shade)
    picture.paste(print_.shade, print_.box[:2], print_mask(print_, assets))
