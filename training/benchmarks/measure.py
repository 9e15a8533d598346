"""How far one comes on each benchmark without its pictures."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from benchmarks.asked import Asked
from questions.text_only import Majority, Words, accuracy, training_questions

LEARNED_FROM = 6000
"""Scenes of the training split that the text-only answerers learn from."""


@dataclass(frozen=True)
class TextOnly:
    part: str
    questions: int
    details: int
    chance: float
    """blind guess among the answers that wording allows"""
    majority: float
    """majority answer per template, learned from training questions"""
    words: float
    """naive Bayes over words, learned from training questions"""


def learn() -> tuple[Majority, Words]:
    learned = [asked for _, asked in training_questions(LEARNED_FROM)]
    return Majority(learned), Words(learned)


def measure(asked: list[Asked], majority: Majority, words: Words) -> list[TextOnly]:
    """Percent right, for all questions and for each part."""
    parts: dict[str, list[Asked]] = defaultdict(list)
    for row in asked:
        parts[row.part or row.question.family].append(row)
    named = {"all": asked, **parts}
    return [_measure(name, rows, majority, words) for name, rows in named.items()]


def _measure(part: str, rows: list[Asked], majority: Majority, words: Words) -> TextOnly:
    pairs = [(row.text, row.answer) for row in rows]
    return TextOnly(
        part=part,
        questions=len(rows),
        details=sum(row.question.hangs_on_details for row in rows),
        chance=100 * sum(map(_chance, rows)) / len(rows),
        majority=accuracy(majority, pairs),
        words=accuracy(words, pairs),
    )


def _chance(row: Asked) -> float:
    """Of a blind guess among the answers that are balanced; next to nothing where the answer is open."""
    if "options" in row.question.notes:
        return 1 / len(row.question.notes["options"])
    return 1 / len(row.question.rivals) if row.question.rivals else 0.0
