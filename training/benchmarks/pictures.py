"""Pictures as files: JPEG where the real benchmark has JPEG, palette PNG where it has PNG."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

QUALITY = 75
COLOURS = 128


def jpeg(picture: Image.Image) -> bytes:
    """Baseline, chroma at full resolution: every decoder gives the same pixels."""
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=QUALITY, subsampling=0, optimize=True)
    return stream.getvalue()


def png(picture: Image.Image) -> bytes:
    """With a palette."""
    stream = io.BytesIO()
    flat = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    flat.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def save(picture: Image.Image, path: Path) -> None:
    """By the file's ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(jpeg(picture) if path.suffix == ".jpg" else png(picture))
