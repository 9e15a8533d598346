"""Where a training run stands, on disk: written whole or not at all, so that it can be cut off at any moment."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch

SAVE_SECONDS = 120
EVERY = 50
"""Steps between two lines of the log; the first step has one too."""


def save_atomically(state: Any, path: Path) -> None:
    partial = path.with_suffix(f".{os.getpid()}.tmp")
    torch.save(state, partial)
    partial.replace(path)


class StageRun:
    """One stage: its step, its parts (anything with state_dict), its log. Finished stages leave `<name>.done.pt`."""

    def __init__(self, folder: Path, name: str, parts: dict[str, Any]):
        self.folder, self.name, self.parts = folder, name, parts
        self.path, self.done_path = folder / f"{name}.pt", folder / f"{name}.done.pt"
        self.step = 0
        self._saved = time.monotonic()
        self._means: dict[str, float] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def begin(self, before: Path | None, handed_on: tuple[str, ...] = ()) -> None:
        """Goes on from its last save; else takes these parts (none named: all) from the end of the stage before, if any."""
        if self.path.exists():
            state = torch.load(self.path, weights_only=True)
            self.step = state["step"]
            self._means = state["means"]
            self._take(state["parts"], self.parts)
            print(json.dumps({"stage": self.name, "resumed": self.step}), flush=True)
        elif before:
            self._take(torch.load(before, weights_only=True)["parts"], handed_on or self.parts)

    def _take(self, states: dict[str, Any], names: Iterable[str]) -> None:
        for name in names:
            self.parts[name].load_state_dict(states[name])

    def save(self, path: Path | None = None) -> None:
        parts = {name: part.state_dict() for name, part in self.parts.items()}
        save_atomically({"step": self.step, "means": self._means, "parts": parts}, path or self.path)
        self._saved = time.monotonic()

    def advance(self, losses: dict[str, float], notes: Callable[[], dict[str, float]] = dict) -> None:
        """Counts a finished step, keeps running means, writes the log now and then, saves every two minutes."""
        for name, value in losses.items():
            self._means[name] = 0.97 * self._means.get(name, value) + 0.03 * value
        self.step += 1
        if self.step % EVERY == 0 or self.step == 1:
            self.note(self._means | notes())
        if time.monotonic() - self._saved > SAVE_SECONDS:
            self.save()

    def note(self, values: dict[str, float]) -> None:
        """A line of the log."""
        row = {"stage": self.name, "step": self.step, "time": round(time.time())}
        row |= {name: round(value, 4) for name, value in values.items()}
        with (self.folder / "log.jsonl").open("a") as log:
            log.write(json.dumps(row) + "\n")
        print(json.dumps(row), flush=True)

    def finish(self) -> None:
        self.save(self.done_path)
        self.path.unlink(missing_ok=True)
