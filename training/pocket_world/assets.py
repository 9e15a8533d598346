"""The icons and fonts that `npm run assets` puts into training/.assets.

`python -m pocket_world.assets` measures them anew into data/measures.json, the committed table from which scenes are
composed: so a description needs neither icons nor fonts, and cannot change with a library's rounding."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image, ImageFont

from pocket_world.kinds import icons
from pocket_world.measures import CHARACTERS, EM, MEASURES, font_names

DEFAULT_FOLDER = Path(__file__).parents[1] / ".assets"
_VISIBLE = 40  # of 255: fainter pixels at an icon's rim do not count to its box


class Assets:
    """Icons and fonts read once from a folder."""

    def __init__(self, folder: Path = DEFAULT_FOLDER):
        if not (folder / "icons").is_dir():
            raise FileNotFoundError(f"no icons in {folder}; run `npm ci && npm run assets` in training/")
        self.folder = folder
        self._icons: dict[str, Image.Image] = {}
        self._fonts: dict[str, ImageFont.FreeTypeFont] = {}

    def icon(self, name: str) -> Image.Image:
        """The icon, cropped to what is visible; RGBa (premultiplied, so that resizing keeps its rim clean)."""
        if name not in self._icons:
            whole = Image.open(self.folder / "icons" / f"{name}.png").convert("RGBA")
            self._icons[name] = whole.crop(_tight(whole)).convert("RGBa")
        return self._icons[name]

    def font(self, name: str) -> ImageFont.FreeTypeFont:
        """The font at a size larger than any print."""
        if name not in self._fonts:
            path = self.folder / "fonts" / f"{name}.ttf"
            self._fonts[name] = ImageFont.truetype(path, 120, layout_engine=ImageFont.Layout.BASIC)
        return self._fonts[name]

    @cached_property
    def identity(self) -> str:
        """Digest of the files' names and bytes: pictures that were painted with others may differ."""
        total = hashlib.sha256()
        for path in sorted(path for part in ("icons", "fonts") for path in (self.folder / part).iterdir()):
            total.update(f"{path.parent.name}/{path.name} {path.stat().st_size}\n".encode() + path.read_bytes())
        return total.hexdigest()

    @cached_property
    def measures(self) -> dict:
        """What data/measures.json should say of these files."""
        return {
            "icons": {kind.name: self._measure_icon(kind.name) for kind in icons()},
            "fonts": {name: self._measure_font(name) for name in font_names()},
        }

    def _measure_icon(self, name: str) -> list:
        pixels = np.asarray(self.icon(name).convert("RGBA"), dtype=np.float64)
        alpha = pixels[..., 3:]
        mean = (pixels[..., :3] * alpha).sum((0, 1)) / alpha.sum()
        return [pixels.shape[1], pixels.shape[0], [round(part) for part in mean]]

    def _measure_font(self, name: str) -> dict[str, list[int]]:
        font = ImageFont.truetype(self.folder / "fonts" / f"{name}.ttf", EM, layout_engine=ImageFont.Layout.BASIC)
        rows = {}
        for character in CHARACTERS:
            left, top, right, bottom = font.getbbox(character, anchor="ls")
            rows[character] = [round(font.getlength(character)), int(left), int(-bottom), int(right), int(-top)]
        return rows


def _tight(image: Image.Image) -> tuple[int, int, int, int]:
    rows, columns = np.where(np.asarray(image)[..., 3] > _VISIBLE)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def _write_measures() -> None:
    measured = Assets().measures
    parts = [
        f'"{part}": {{\n'
        + ",\n".join(f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in rows.items())
        + "\n}"
        for part, rows in measured.items()
    ]
    MEASURES.write_text("{" + ",\n".join(parts) + "}\n")


if __name__ == "__main__":
    _write_measures()
