"""`python -m pocket_model.curves`: the losses and scores of a run as a figure."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot

from pocket_model.language_data import SHARE

PANELS = (
    ("Patches: losses", "vision", ("kind", "colour", "box", "number", "character", "letter", "string")),
    ("Class token: losses", "vision", ("present", "things", "class_string")),
    ("Language model: losses", "language", ("answers", "name", "look", "pick", "box")),
    ("Validation: exact answers", "language", tuple(SHARE)),
)


def draw(log: Path, out: Path) -> None:
    """Four panels over the steps of all stages, one after another; lines mark where a stage begins."""
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    figure, panels = pyplot.subplots(2, 2, figsize=(11, 7), layout="constrained")
    for panel, (title, part, names) in zip(panels.flat, PANELS, strict=True):
        of_part = _in_order([row for row in rows if row["stage"].startswith(part)])
        colours = pyplot.get_cmap("tab10" if len(names) <= 10 else "tab20").colors
        for name, colour in zip(names, colours, strict=False):
            points = [(row["at"], row[name]) for row in of_part if name in row]
            if points:
                panel.plot(*zip(*points, strict=True), label=name, linewidth=1.2, color=colour)
        for start in sorted({row["start"] for row in of_part} - {0}):
            panel.axvline(start, color="gray", linewidth=0.6, linestyle=":")
        panel.set_title(title, fontsize=10)
        panel.set_xlabel("step", fontsize=8)
        panel.legend(fontsize=7, ncols=2, framealpha=0.5)
        if title.startswith("Validation"):
            panel.set_ylim(0, 1)
        else:
            panel.set_yscale("log")
    figure.savefig(out, metadata={"Date": None})


def _in_order(rows: list[dict]) -> list[dict]:
    """Steps counted through all stages; of steps that were done twice after a cut, the last."""
    ends: dict[str, int] = {}
    for row in rows:
        ends[row["stage"]] = max(ends.get(row["stage"], 0), row["step"])
    start, placed = 0, []
    for stage, end in ends.items():
        latest = {(row["step"], len(row) > 8, "answers" in row): row for row in rows if row["stage"] == stage}
        placed += [row | {"at": start + row["step"], "start": start} for row in latest.values()]
        start += end
    return sorted(placed, key=lambda row: row["at"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of the run, with log.jsonl")
    parser.add_argument("--out", type=Path, required=True, help="an .svg or .png file")
    options = parser.parse_args()
    draw(options.run / "log.jsonl", options.out)


if __name__ == "__main__":
    main()
