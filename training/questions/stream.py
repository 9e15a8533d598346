"""Balanced questions over a stream of scenes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from pocket_world.compose import compose
from pocket_world.dice import Dice
from pocket_world.scene import Scene
from questions import (
    background,
    caption,
    choice,
    colour,
    comparison,
    count,
    existence,
    logic,
    paired,
    reading,
    relation,
    what,
)
from questions.balance import Balance
from questions.question import Question

FAMILIES: dict[str, Callable[[Scene, Dice, Balance], list[Question]]] = {
    "existence": existence.ask,
    "what": what.ask,
    "colour": colour.ask,
    "count": count.ask,
    "relation": relation.ask,
    "comparison": comparison.ask,
    "reading": reading.ask,
    "choice": choice.ask,
    "paired": paired.ask,
    "background": background.ask,
    "logic": logic.ask,
    "caption": caption.ask,
}

_QUESTION_STREAM = 1 << 40  # keeps the questions' dice apart from the scenes'


def questions_of(
    scene: Scene, balance: Balance, families: Iterable[str] = FAMILIES, turn: int = 0
) -> list[Question]:
    """All balanced questions about a scene, in the order of the families; no text twice. Other ones for another turn."""
    dice = Dice(_QUESTION_STREAM + scene.seed + (turn << 44))
    asked: dict[str, Question] = {}
    for family in families:
        for question in FAMILIES[family](scene, dice, balance):
            if question.text not in asked and balance.accepts(question):
                asked[question.text] = question
    return list(asked.values())


def stream(seeds: Iterable[int], families: Iterable[str] = FAMILIES) -> Iterator[tuple[Scene, list[Question]]]:
    """Scenes with their questions; what is asked of a scene depends on the scenes before it."""
    balance = Balance()
    families = tuple(families)
    for seed in seeds:
        scene = compose(seed)
        yield scene, questions_of(scene, balance, families)
