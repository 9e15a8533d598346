"""A question with five options, as NExT-QA asks."""

from __future__ import annotations

from dataclasses import dataclass

from pocket_video.ask import Asked
from pocket_video.clip import Clip
from pocket_world.dice import Dice
from pocket_world.kinds import by_name, could_be_taken_for, names
from pocket_world.words import known_words
from questions.prompts import LETTER

LETTERS = "ABCDE"


@dataclass(frozen=True)
class Choice:
    asked: Asked
    options: tuple[str, ...]
    right: int
    """place of the right option"""

    @property
    def text(self) -> str:
        """The question with its options, without the instruction."""
        return "\n".join([self.asked.text, *(f"{letter}. {one}" for letter, one in zip(LETTERS, self.options, strict=True))])

    @property
    def prompt(self) -> str:
        return f"{self.text}\n{LETTER}"

    @property
    def letter(self) -> str:
        return LETTERS[self.right]


def choose(asked: Asked, clip: Clip, dice: Dice, right: int | None = None) -> Choice | None:
    """Five options of which one is right, at a place that is drawn unless one is wished; None where the question has too few
    answers. Things of the clip are among the wrong ones, before others."""
    wrong = _wrong(asked, clip, dice)
    if len(wrong) < 4:
        return None
    place = dice.below(5) if right is None else right
    options = dice.shuffled(wrong[:4])
    return Choice(asked, (*options[:place], asked.answer, *options[place:]), place)


def _wrong(asked: Asked, clip: Clip, dice: Dice) -> list[str]:
    if "first" in asked.rivals:
        return []
    if asked.rivals:
        return dice.shuffled([one for one in asked.rivals if one != asked.answer])
    if asked.type == 8:
        return dice.sample([word for word in known_words() if word != asked.answer], 4)
    named = {asked.answer, *asked.text.rstrip("?").split()}
    there = dice.shuffled([actor.kind for actor in clip.actors if actor.kind not in named])
    present = {actor.kind for actor in clip.actors}
    others = [
        name
        for name in names()
        if name not in present | named and not by_name()[name].mass and not could_be_taken_for(name, present)
    ]
    return [*there, *dice.sample(others, 4)]
