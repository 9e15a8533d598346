"""The side file of each benchmark: which questions hang on small things, and which on what training never showed."""

from __future__ import annotations

from pathlib import Path

from benchmarks.asked import Asked, Id
from benchmarks.files import write_json
from pocket_world.compose import HELD_BACK_STYLE
from pocket_world.layouts import HELD_BACK_LAYOUT


def details(benchmark: str, asked: list[Asked]) -> dict:
    """Lists of question ids, as in the official files."""

    def ids(condition) -> list[Id]:
        return list(dict.fromkeys(row.id for row in asked if condition(row)))

    families = dict.fromkeys(row.question.family for row in asked)
    return {
        "benchmark": benchmark,
        "small_things": ids(lambda row: row.question.hangs_on_details),
        "held_back_layout": ids(lambda row: row.scene.layout == HELD_BACK_LAYOUT),
        "held_back_style": ids(lambda row: row.scene.style == HELD_BACK_STYLE),
        "held_back_words": ids(lambda row: row.reads_held_back_word),
        "families": {family: ids(lambda row, family=family: row.question.family == family) for family in families},
    }


def write_details(out: Path, benchmark: str, asked: list[Asked]) -> None:
    write_json(out / "details.json", details(benchmark, asked), indent=1)
