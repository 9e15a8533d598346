"""Models beside each other, from journals of `prumerge eval`: under every configuration the mean over the benchmarks, what it
loses against the same model unreduced, and how far apart two models are. All intervals are paired and drawn over pictures.

    python -m evaluation.beside --rule ocr=false v1=RUN,RUN v2=RUN,RUN

The first name is what the others are compared with. Each configuration is compared over the questions that all models were asked
under it and unreduced (how many is said), so that a run over a part of the questions is never held against one over all. Tokens
are means over those that have a picture."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from evaluation.node import ROOT, scores
from evaluation.statistics import Estimate, Resamples, Units
from evaluation.table import clusters, units

UNREDUCED = "none"
Answers = dict[str, dict[tuple[str, str], tuple[str, int]]]
"""By configuration, then by task and id: text and visual tokens"""


def read(runs: list[Path]) -> Answers:
    """The last answer to each question, as an interrupted run that went on leaves them."""
    found: Answers = {}
    for run in runs:
        for line in (run / "journal.jsonl").read_text().splitlines():
            entry = json.loads(line)
            if entry.get("kind") == "answer":
                own = found.setdefault(entry["configuration"], {})
                own[entry["task"], entry["id"]] = entry["text"], entry["visualTokens"]
    return found


def beside(models: dict[str, Answers], data: Path, rules: dict[str, str], recovered: bool = False) -> str:
    """Markdown: a row for each configuration that every model was asked under. `recovered`: also how much, of what the first
    model loses under it, each of the others brings back."""
    names = list(models)
    missing = [name for name in names if UNREDUCED not in models[name]]
    if missing:
        raise ValueError(f"{', '.join(missing)}: expected answers of the unreduced model, too (--method {UNREDUCED})")
    shared = [name for name in models[names[0]] if all(name in model for model in models.values())]
    others = "".join(f" {name} less {names[0]} |" for name in names[1:])
    others += "".join(f" {name} brings back |" for name in names[1:] if recovered)
    lines = [
        "| configuration | questions | tokens |" + "".join(f" {name} | loses |" for name in names) + others,
        "|---" * (3 + 3 * len(names) - 1 + recovered * (len(names) - 1)) + "|",
    ]
    for configuration in sorted(shared, key=lambda name: name != UNREDUCED):
        keys = set.intersection(
            *(set(model[name]) for model in models.values() for name in (configuration, UNREDUCED))
        )
        tasks, asked = {task for task, _ in keys}, {task for task, _ in models[names[0]][UNREDUCED]}
        if tasks != asked:
            lacking = ", ".join(sorted(asked - tasks))
            raise ValueError(f"{configuration}: expected answers of all models to {lacking}; take the runs to their end")
        sets = {
            f"{name}/{which}": _by_task(models[name][which], keys) for name in names for which in (configuration, UNREDUCED)
        }
        found = scores(data, rules, sets)
        draws = Resamples(clusters(found[f"{names[0]}/{configuration}"]))
        credits: dict[str, Units] = {key: units(result) for key, result in found.items()}
        tokens = [count for name in names for key in keys if (count := models[name][configuration][key][1]) > 0]
        cells = [configuration, str(len(keys)), f"{sum(tokens) / len(tokens):.1f}"]
        for name in names:
            own, full = credits[f"{name}/{configuration}"], credits[f"{name}/{UNREDUCED}"]
            lost = "" if configuration == UNREDUCED else _cell(draws.difference(full, own))
            cells += [_cell(draws.mean(own)), lost]
        first = credits[f"{names[0]}/{configuration}"]
        cells += [_cell(draws.difference(credits[f"{name}/{configuration}"], first)) for name in names[1:]]
        for name in names[1:] if recovered else []:
            full, tuned = credits[f"{names[0]}/{UNREDUCED}"], credits[f"{name}/{configuration}"]
            cells.append("" if configuration == UNREDUCED else _share(draws.recovered(full, first, tuned)))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _by_task(answers: dict[tuple[str, str], tuple[str, int]], keys: set[tuple[str, str]]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for task, question in sorted(keys):
        found.setdefault(task, {})[question] = answers[task, question][0]
    return found


def _cell(estimate: Estimate) -> str:
    return f"{estimate.value:.1f} ({estimate.low:.1f}..{estimate.high:.1f})"


def _share(estimate: Estimate) -> str:
    return f"{estimate.value:.0f} % ({estimate.low:.0f}..{estimate.high:.0f})"


def _model(text: str) -> tuple[str, list[Path]]:
    name, _, runs = text.partition("=")
    if not name or not runs:
        raise argparse.ArgumentTypeError(f"expected NAME=RUN[,RUN], found {text!r}")
    return name, [Path(run) for run in runs.split(",")]


def main() -> None:
    parser: Any = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=_model, metavar="NAME=RUN[,RUN]", help="a model and folders of its runs")
    parser.add_argument("--data", type=Path, default=ROOT / "benchmarks/pocket")
    parser.add_argument("--rule", action="append", default=[], help="NAME=VALUE of a task, as in prumerge score")
    back = "also how much of what the first model loses the others bring back"
    parser.add_argument("--recovered", action="store_true", help=back)
    options = parser.parse_args()
    rules = dict(rule.split("=", 1) for rule in options.rule)
    print(beside({name: read(runs) for name, runs in options.models}, options.data, rules, options.recovered))


if __name__ == "__main__":
    main()
