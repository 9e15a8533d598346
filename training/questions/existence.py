"""Is it there? With random, popular and adversarial negatives, as in POPE."""

from __future__ import annotations

from pocket_world.dice import Dice
from pocket_world.kinds import by_name, could_be_taken_for, icons, shapes
from pocket_world.scene import Scene
from questions.balance import Balance
from questions.question import YES_NO, Question
from questions.wording import a, absent_colours, full_name

WORDINGS = (
    "Is there {} in the image?",
    "Is there {} in the image?",
    "Is there {} in this image?",
    "Is there {} in the picture?",
    "Do you see {}?",
)
NEGATIVES = ("random", "popular", "adversarial")


def ask(scene: Scene, dice: Dice, balance: Balance) -> list[Question]:
    """Up to two present and two absent kinds, and a shape in a colour that it has or has not."""
    questions = []
    present = [kind for kind in scene.kinds() if not by_name()[kind].is_shape]
    for _ in range(min(2, len(present))):
        questions.append(existence(scene, balance.true("existence", present, dice), "yes", "", dice))
    for _ in range(2 if present else 1):
        sort = dice.pick(NEGATIVES)
        options = negatives(scene, sort)
        if options:
            questions.append(existence(scene, balance.false("existence", options, dice), "no", sort, dice))
    return questions + _coloured_shapes(scene, dice, balance)


def existence(scene: Scene, kind: str, answer: str, sort: str, dice: Dice, wording: str | None = None) -> Question:
    wording = wording or dice.pick(WORDINGS)
    notes = {"kind": kind, "negative": sort}
    return Question("existence", wording.format(a(kind)), answer, scene.of_kind(kind), YES_NO, wording, notes=notes)


def negatives(scene: Scene, sort: str) -> list[str]:
    """Absent icons: any, popular ones, or those that stand with the present ones elsewhere (same theme)."""
    present = set(scene.kinds())
    absent = [kind for kind in icons() if kind.name not in present and not could_be_taken_for(kind.name, present)]
    if sort == "popular":
        absent = [kind for kind in absent if kind.popular]
    elif sort == "adversarial":
        seen = {theme for name in present for theme in by_name()[name].themes}
        absent = [kind for kind in absent if seen & set(kind.themes)]
    return [kind.name for kind in absent]


def _coloured_shapes(scene: Scene, dice: Dice, balance: Balance) -> list[Question]:
    there = [thing for thing in scene.things if thing.colour]
    if not there:
        wording = dice.pick(WORDINGS)
        kind = balance.false("shape", [shape.name for shape in shapes()], dice)
        return [Question("existence", wording.format(a(kind)), "no", (), YES_NO, wording, notes={"kind": kind})]
    questions = []
    kind = balance.true("shape", sorted({thing.kind for thing in there}), dice)
    questions.append(existence(scene, kind, "yes", "", dice))
    name = balance.true("coloured", sorted({full_name(thing) for thing in there}), dice)
    shown = tuple(thing for thing in there if full_name(thing) == name)
    wording = dice.pick(WORDINGS)
    questions.append(
        Question("existence", wording.format(a(name)), "yes", shown, YES_NO, wording, notes={"kind": name})
    )
    kind = dice.pick(there).kind
    other = balance.false("coloured", [f"{colour} {kind}" for colour in absent_colours(scene, kind)], dice)
    wording = dice.pick(WORDINGS)
    shown = scene.of_kind(kind)
    questions.append(
        Question("existence", wording.format(a(other)), "no", shown, YES_NO, wording, notes={"kind": other})
    )
    return questions
