"""Folders on disk that are replaced whole: an interruption leaves what was there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Gives a new path beside `folder` to write a folder at, which takes its place when all went well."""
    folder = folder.resolve()  # a link stays one
    written, former = (folder.with_name(f".{folder.name}.{part}") for part in ("part", "former"))
    if former.exists() and not folder.exists():  # cut off between the two renames
        former.rename(folder)
    for left in (written, former):
        shutil.rmtree(left, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield written
        if folder.exists():
            folder.rename(former)
        written.rename(folder)
    finally:
        shutil.rmtree(written, ignore_errors=True)
    shutil.rmtree(former, ignore_errors=True)
