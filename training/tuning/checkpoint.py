"""Checkpoints of an unfinished run: what is trained, the optimizer and the next step; written whole or not at all.

Nothing else is state: the order of the data and dropout follow from seed and step."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from tuning.adapter import write_whole

NAME = "checkpoint.pt"


@dataclass(frozen=True)
class Run:
    folder: Path
    settings: dict[str, object]
    trained: dict[str, nn.Parameter]
    optimizer: torch.optim.Optimizer

    def save(self, step: int) -> None:
        state = {
            "settings": self.settings,
            "step": step,
            "trained": {name: part.detach().cpu() for name, part in self.trained.items()},
            "optimizer": self.optimizer.state_dict(),
        }
        write_whole(self.folder / NAME, lambda path: torch.save(state, path))

    @torch.no_grad()
    def resume(self) -> int:
        """The next step; 0 where nothing was saved. Refuses a checkpoint of a run with other settings."""
        path = self.folder / NAME
        if not path.exists():
            return 0
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        other = {name for name, value in self.settings.items() if state["settings"].get(name) != value}
        if other:
            raise ValueError(f"{path}: a run with other settings ({', '.join(sorted(other))}); give another --out")
        for name, part in self.trained.items():
            part.copy_(state["trained"][name])
        self.optimizer.load_state_dict(state["optimizer"])
        return int(state["step"])


def keep_log_until(path: Path, step: int) -> None:
    """Drops the lines of steps that will be done again."""
    if path.exists():
        lines = [line for line in path.read_text().splitlines() if _step(line) < step]
        write_whole(path, lambda part: part.write_text("".join(line + "\n" for line in lines)))


def _step(line: str) -> float:
    try:
        return json.loads(line)["step"]
    except ValueError:  # torn by a kill
        return float("inf")
