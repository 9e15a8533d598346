"""One question with its answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from pocket_world.scene import Print, Thing

YES_NO = ("yes", "no")


@dataclass(frozen=True)
class Question:
    family: str
    """existence, what, colour, count, relation, comparison, reading, choice, paired, caption, background, logic"""
    text: str
    """the question without any benchmark's instruction"""
    answer: str
    shown: tuple[Thing | Print, ...] = ()
    """what the answer hangs on"""
    rivals: tuple[str, ...] = ()
    """the answers among which questions of this wording are balanced; empty where the answers are open"""
    wording: str = ""
    """the text with its slots open, by which it is balanced"""
    value: str = ""
    """what is balanced instead of the answer, where the answer is a letter: the right option"""
    notes: dict = field(default_factory=dict)
    """what a benchmark wants to know: kind asked for, sort of negative, options, relation"""

    @property
    def hangs_on_details(self) -> bool:
        """Whether anything that it hangs on is small: a thing under two patches, or letters under one."""
        return any(item.is_detail for item in self.shown)
