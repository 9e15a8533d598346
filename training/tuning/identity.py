"""What a run's paths and `auto` stand for, so that it goes on with nothing but what it began with."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import torch

WHOLE = 1 << 26
"""Bytes up to which a file is read from start to end"""
EVERY, READ = 1 << 22, 1 << 16
"""Of larger ones so many bytes are read at every multiple of the first, and at the end"""


def identity(model: Path, config: Any, data: Path, dtype: torch.dtype, device: torch.device) -> dict[str, object]:
    """By the names under which a difference is told. `config`: of the checkpoint, which knows its commit where it was
    fetched by owner/name."""
    folder = Path(model)
    held = quick_digest(folder) if folder.is_dir() else str(getattr(config, "_commit_hash", None))
    with data.open("rb") as file:
        items = hashlib.file_digest(file, "sha256").hexdigest()
    return {"what --model holds": held, "what --data holds": items, "dtype": str(dtype), "device": device.type}


def quick_digest(folder: Path) -> str:
    """sha256 over names, sizes and bytes of a folder's files. Of large ones a sixty-fourth is read, since 14 GB of weights
    would take minutes at each start: a tensor of 4 MiB that is another, such as a projector between a language model and a
    tower that stayed, is noticed."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        size = path.stat().st_size
        total.update(f"{path.name} {size}\n".encode())
        with path.open("rb") as file:
            if size <= WHOLE:
                total.update(file.read())
                continue
            for place in (*range(0, size, EVERY), size - READ):
                file.seek(place)
                total.update(file.read(READ))
    return total.hexdigest()
