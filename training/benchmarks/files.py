"""Writing text files so that the same questions give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path


def write_json(path: Path, content: object, indent: int | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=indent) + "\n")


def write_json_lines(path: Path, rows: Iterable[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
