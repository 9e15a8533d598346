"""Proportions of icons and printed strings, from the committed table data/measures.json."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from pocket_world.colours import Shade

MEASURES = Path(__file__).parent / "data/measures.json"
EM = 1000
"""Font size at which characters were measured."""
CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@cache
def _table() -> dict:
    return json.loads(MEASURES.read_text())


@cache
def font_names() -> tuple[str, ...]:
    rows = json.loads((Path(__file__).parent / "data/fonts.json").read_text())
    return tuple(row["name"] for row in rows)


def icon_aspect(name: str) -> float:
    """Width over height of the visible part."""
    width, height, _ = _table()["icons"][name]
    return width / height


def icon_shade(name: str) -> Shade:
    """Mean colour."""
    return tuple(_table()["icons"][name][2])


def string_aspect(string: str, font: str) -> float:
    """Width over height of the ink of a string, without kerning."""
    left, right, low, high = _extent(string, font)
    return (right - left) / (high - low)


def character_spans(string: str, font: str) -> list[tuple[float, float]]:
    """Where each character begins and ends, as shares of the string's width."""
    left, right, _, _ = _extent(string, font)
    rows = _table()["fonts"][font]
    spans, pen = [], 0
    for character in string:
        advance = rows[character][0]
        spans.append((max(0.0, (pen - left) / (right - left)), min(1.0, (pen + advance - left) / (right - left))))
        pen += advance
    return spans


def _extent(string: str, font: str) -> tuple[int, int, int, int]:
    rows = _table()["fonts"][font]
    pen = 0
    boxes = []
    for character in string:
        advance, x0, y0, x1, y1 = rows[character]
        boxes.append((pen + x0, pen + x1, y0, y1))
        pen += advance
    return min(b[0] for b in boxes), max(b[1] for b in boxes), min(b[2] for b in boxes), max(b[3] for b in boxes)
