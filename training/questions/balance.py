"""Keeps questions balanced while they are made, so that their words alone do not give the answer away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pocket_world.dice import Dice
from questions.question import Question


class Balance:
    """Running counts over a stream of scenes. The same stream gives the same questions."""

    def __init__(self, ratio: float = 1.5, slack: int = 3) -> None:
        """An answer is accepted while it was given at most `ratio` times as often as the rarest, plus `slack`."""
        self._ratio, self._slack = ratio, slack
        self._answers: Counter[tuple[str, str]] = Counter()
        self._leads: Counter[tuple[str, str]] = Counter()

    def accepts(self, question: Question) -> bool:
        """Whether the question's answer is not too far ahead of the rarest of its rivals; counts it if so."""
        if question.rivals:
            least = min(self._answers[question.wording, rival] for rival in question.rivals)
            if self._answers[question.wording, question.value or question.answer] > self._ratio * least + self._slack:
                return False
        self._answers[question.wording, question.value or question.answer] += 1
        return True

    def true(self, group: str, options: Sequence[str], dice: Dice, gain: int = 1) -> str:
        """The option that was true least often compared with how often it was false; counts it as true.

        `gain` is the number of false ones asked beside a true one."""
        chosen = self._extreme(group, options, dice, most=False)
        self._leads[group, chosen] += gain
        return chosen

    def false(self, group: str, options: Sequence[str], dice: Dice) -> str:
        """The option that was true most often compared with how often it was false; counts it as false."""
        chosen = self._extreme(group, options, dice, most=True)
        self._leads[group, chosen] -= 1
        return chosen

    def _extreme(self, group: str, options: Sequence[str], dice: Dice, most: bool) -> str:
        leads = [self._leads[group, option] for option in options]
        wanted = max(leads) if most else min(leads)
        return dice.pick([option for option, lead in zip(options, leads, strict=True) if lead == wanted])
