"""Questions about a clip, with their answers; of ActivityNet-QA's nine types."""

from __future__ import annotations

from dataclasses import dataclass

from pocket_video.clip import ENDS, Actor, Clip
from pocket_world.colours import COLOUR_NAMES
from pocket_world.dice import Dice
from pocket_world.kinds import by_name, could_be_taken_for, names
from questions.wording import a

TYPES = ("motion", "spatial", "temporal", "yes-no", "color", "object", "location", "number", "other")
"""ActivityNet-QA's, by its numbers."""
YES_NO = ("yes", "no")
DEEDS = ("stays", "comes", "leaves", "passes", "moves", "changes")


@dataclass(frozen=True)
class Asked:
    type: int
    wording: str
    """the text with its slots open, by which it is balanced"""
    text: str
    answer: str
    rivals: tuple[str, ...]
    """the answers that the wording allows; empty: the kinds of things, or any word"""
    about: tuple[int, ...] = ()
    """numbers of the actors, from 1, that the answer is read off; a word's is behind the last actor's"""
    frames: tuple[int, ...] = ()
    """frames that it is read off; empty: all that show them"""


def ask(clip: Clip, dice: Dice) -> list[Asked]:
    """All kinds of questions that the clip answers clearly."""
    asked = [*_of_each(clip, dice), *_of_pairs(clip, dice), *_of_all(clip), *_absent(clip, dice)]
    if clip.flash:
        number = len(clip.actors) + 1
        text = "What word is shown?"
        asked.append(Asked(8, text, text, clip.flash.print.string, (), (number,), (clip.flash.frame,)))
    return dice.shuffled(asked)


def _the(wording: str, kind: str) -> str:
    return wording.format(kind)


def _of_each(clip: Clip, dice: Dice) -> list[Asked]:
    asked = []
    for number, actor in enumerate(clip.actors, 1):
        name, about = actor.kind, (number,)

        def one(type_: int, wording: str, answer: str, rivals: tuple[str, ...], frames: tuple[int, ...] = ()) -> None:
            asked.append(Asked(type_, wording, _the(wording, name), answer, rivals, about, frames))  # noqa: B023

        one(0, "What does the {} do?", actor.does, DEEDS)
        if actor.way:
            one(0, "Which way does the {} move?", actor.way, ("left", "right", "up", "down"))
        one(3, "Does the {} leave?", YES_NO[not actor.leaves], YES_NO)
        one(3, "Does the {} move?", YES_NO[not actor.way], YES_NO)
        one(3, "Is the {} there at the start?", YES_NO[actor.comes], YES_NO, (actor.first,))
        if actor.colours:
            one(3, "Does the {} change its color?", YES_NO[not actor.changes], YES_NO)
            one(4, "What color is the {} at first?", actor.colours[actor.first], COLOUR_NAMES, (actor.first,))
            one(4, "What color is the {} at last?", actor.colours[actor.last], COLOUR_NAMES, (actor.last,))
        place = place_of(clip, actor)
        if place and dice.chance(0.7):
            one(6, "Where is the {} at last?", place, ("left", "right", "top", "bottom", "center"), (actor.last,))
    return asked


def place_of(clip: Clip, actor: Actor) -> str | None:
    """At which end of its lane, or in its middle, where it was seen last."""
    x, y, width, height = actor.boxes[actor.last]
    middle = x + width / 2 if clip.lanes == "across" else y + height / 2
    low, high = ENDS[clip.lanes]
    return low if middle < 65 else high if middle > 150 else "center" if 85 < middle < 130 else None


def _of_pairs(clip: Clip, dice: Dice) -> list[Asked]:
    asked = []
    numbered = list(enumerate(clip.actors, 1))
    for type_, wording, moment in (
        (2, "What comes first, the {} or the {}?", lambda actor: actor.first if actor.comes else None),
        (2, "What leaves first, the {} or the {}?", lambda actor: actor.last + 1 if actor.leaves else None),
    ):
        timed = [(number, actor, moment(actor)) for number, actor in numbered if moment(actor) is not None]
        if len(timed) > 1:
            one, other = dice.sample(timed, 2)
            if one[2] != other[2]:
                first = min(one, other, key=lambda row: row[2])
                text = wording.format(one[1].kind, other[1].kind)
                asked.append(Asked(type_, wording, text, first[1].kind, ("first", "second"), (first[0],)))
            wording_yes = wording.replace("What", "Does the {}").replace("comes first, the {} or", "come before").replace(
                "leaves first, the {} or", "leave before"
            )
            one, other = dice.sample(timed, 2)
            if one[2] != other[2]:
                text = wording_yes.format(one[1].kind, other[1].kind)
                asked.append(Asked(3, wording_yes, text, YES_NO[one[2] > other[2]], YES_NO, (one[0], other[0])))
            ordered = sorted(timed, key=lambda row: row[2])
            verb = "comes" if "comes" in wording else "leaves"
            for which, (row, beside) in {"first": (ordered[0], ordered[1]), "last": (ordered[-1], ordered[-2])}.items():
                if row[2] != beside[2] and dice.chance(0.6):
                    text = f"What {verb} {which}?"
                    asked.append(Asked(2, text, text, row[1].kind, (), (row[0],)))
    if len(numbered) > 1:
        place = dice.below(len(numbered) - 1)
        (before, upper), (after, lower) = numbered[place], numbered[place + 1]
        words = ("above", "below") if clip.lanes == "across" else ("left of", "right of")
        if set(_shown(upper)) & set(_shown(lower)):
            right, wrong = (upper.kind, lower.kind), (lower.kind, upper.kind)
            said = dice.chance(0.5)
            wording = f"Is the {{}} {dice.pick(words)} the {{}}?"
            true = said == (words[0] in wording)
            pair = right if said else wrong
            asked.append(Asked(1, wording, wording.format(*pair), YES_NO[not true], YES_NO, (before, after)))
        if len(numbered) == 2:
            wording = f"What is {words[0]} the {{}}?"
            asked.append(Asked(1, wording, _the(wording, lower.kind), upper.kind, (), (before,)))
            wording = f"What is {words[1]} the {{}}?"
            asked.append(Asked(1, wording, _the(wording, upper.kind), lower.kind, (), (after,)))
    return asked


def _shown(actor: Actor) -> list[int]:
    return [frame for frame, box in enumerate(actor.boxes) if box]


def _of_all(clip: Clip) -> list[Asked]:
    numbered = list(enumerate(clip.actors, 1))
    groups = {
        "come": [row for row in numbered if row[1].comes],
        "leave": [row for row in numbered if row[1].leaves],
        "move": [row for row in numbered if row[1].way],
    }
    counts = tuple(str(count) for count in range(5))
    asked = []
    for verb, rows in groups.items():
        about = tuple(number for number, _ in rows)
        text = f"How many things {verb}?"
        asked.append(Asked(7, text, text, str(len(rows)), counts, about))
        if len(rows) == 1:
            text = f"What {verb}s?"
            asked.append(Asked(5, text, text, rows[0][1].kind, (), about))
    for when, frame in (("at first", 0), ("at last", -1)):
        rows = [row for row in numbered if row[1].boxes[frame]]
        text = f"How many things are there {when}?"
        frames = (frame % len(clip.actors[0].boxes),)
        asked.append(Asked(7, text, text, str(len(rows)), counts, tuple(number for number, _ in rows), frames))
    changing = [row for row in numbered if row[1].changes]
    if len(changing) == 1:
        text = "Which shape changes its color?"
        shapes = tuple(name for name in names() if by_name()[name].is_shape)
        asked.append(Asked(5, text, text, changing[0][1].kind, shapes, (changing[0][0],)))
    return asked


def _absent(clip: Clip, dice: Dice) -> list[Asked]:
    """Whether something is seen at all: one thing that is, and one that is not."""
    present = {actor.kind for actor in clip.actors}
    wording = "Is there {} in the video?"
    number = dice.below(len(clip.actors))
    other = dice.pick([
        name for name in names() if name not in present and not by_name()[name].mass and not could_be_taken_for(name, present)
    ])  # fmt: skip
    return [
        Asked(3, wording, wording.format(a(clip.actors[number].kind)), "yes", YES_NO, (number + 1,)),
        Asked(3, wording, wording.format(a(other)), "no", YES_NO),
    ]
