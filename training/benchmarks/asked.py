"""A question as a benchmark asks it."""

from __future__ import annotations

from dataclasses import dataclass

from pocket_world.scene import Print, Scene
from pocket_world.words import held_back_words
from questions.question import Question

Id = int | str


@dataclass(frozen=True)
class Asked:
    id: Id
    """as in the benchmark's own files; unique within the benchmark"""
    text: str
    """the question with its options, without the benchmark's instruction: what a text-only answerer sees"""
    answer: str
    question: Question
    scene: Scene
    part: str = ""
    """the file or subtask that it belongs to, where there are several"""

    @property
    def reads_held_back_word(self) -> bool:
        return any(isinstance(item, Print) and item.string in held_back_words() for item in self.question.shown)
