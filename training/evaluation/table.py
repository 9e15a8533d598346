"""The model card's table: methods and samplings at equal counts, with and without the adapter."""

from __future__ import annotations

from typing import Any

import numpy as np

from evaluation.statistics import Clusters, Estimate, Resamples, Units

PLAIN, TUNED = "plain", "tuned"
VARIANTS = {PLAIN: "training-free", TUNED: "LoRA"}
Sets = dict[tuple[str, str], dict[str, Any]]
"""By variant and configuration: what score.mjs found"""


def units(found: dict[str, Any], small: bool = False) -> Units:
    """Credits by task; `small`: of the questions about small things alone, of the tasks that have any."""
    credits = {
        task: np.array([credit for credit, detail, _ in result["units"] if detail or not small], dtype=float)
        for task, result in found.items()
    }
    return {task: credit for task, credit in credits.items() if len(credit) > 0}


def clusters(found: dict[str, Any], small: bool = False) -> Clusters:
    """Numbers of the pictures of the same units."""
    names = {
        task: [name for _, detail, name in result["units"] if detail or not small] for task, result in found.items()
    }
    return {task: np.unique(own, return_inverse=True)[1] for task, own in names.items() if own}


def table(sets: Sets, tokens: dict[tuple[str, str], float], names: list[str], titles: dict[str, str]) -> str:
    """Markdown. `names`: configurations in order; `titles`: columns, by task."""
    whole, small = _resamples(sets, False), _resamples(sets, True)
    lines = [
        "| tokens | method | | " + " | ".join(titles.values()) + " | mean | small things |",
        "|---" * (5 + len(titles)) + "|",
    ]
    for name in names:
        for variant, word in VARIANTS.items():
            found = sets.get((variant, name))
            if found is None:
                continue
            cells = [_headline(found[task]["headline"]) for task in titles]
            cells += [_cell(whole.mean(units(found))), _cell(small.mean(units(found, True)))]
            lines.append(f"| {tokens[variant, name]:.1f} | {name} | {word} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def losses(sets: Sets, names: list[str]) -> str:
    """What each configuration loses against the unreduced model, and what the adapter brings back. Markdown."""
    draws = _resamples(sets, False)
    full = units(sets[PLAIN, "none"])
    lines = ["| method | lost, training-free | lost, LoRA | brought back |", "|---" * 4 + "|"]
    for name in names:
        if name == "none" or (TUNED, name) not in sets:
            continue
        free, tuned = units(sets[PLAIN, name]), units(sets[TUNED, name])
        share = draws.recovered(full, free, tuned)
        cells = [_cell(draws.difference(full, free)), _cell(draws.difference(full, tuned)), _share(share)]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _resamples(sets: Sets, small: bool) -> Resamples:
    return Resamples(clusters(next(iter(sets.values())), small))


def _headline(score: dict[str, Any]) -> str:
    digits = 0 if score["unit"] == "points" else 1
    interval = score.get("interval")
    value = "-" if score["value"] is None else f"{score['value']:.{digits}f}"
    return value if not interval else f"{value} ({interval['low']:.{digits}f}..{interval['high']:.{digits}f})"


def _cell(found: Estimate) -> str:
    return f"{found.value:.1f} ({found.low:.1f}..{found.high:.1f})"


def _share(found: Estimate) -> str:
    if not np.isfinite([found.value, found.low, found.high]).all():
        return "no certain loss"
    return f"{found.value:.0f} % ({found.low:.0f}..{found.high:.0f})"
