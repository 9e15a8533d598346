"""Multiple choice. Options are drawn so that each is right as often as any other that is listed as often."""

from __future__ import annotations

from collections.abc import Callable

from pocket_world.colours import COLOUR_NAMES
from pocket_world.dice import Dice
from pocket_world.kinds import by_name
from pocket_world.scene import Print, Scene, Thing
from pocket_world.words import draw_word
from questions.balance import Balance
from questions.existence import negatives
from questions.question import Question
from questions.wording import REGIONS, plural, referents, region_of

LETTERS = "ABCDE"
_NUMBERS = tuple(str(number) for number in range(1, 7))
_EXTREMES = {
    "farthest to the left": (0, -1),
    "farthest to the right": (0, 1),
    "closest to the top": (1, -1),
    "closest to the bottom": (1, 1),
}
_CLEAR = 24


def ask(scene: Scene, dice: Dice, balance: Balance, options: int | None = None) -> list[Question]:
    """One question of each sort that the scene allows, with so many options; two to five if not said."""
    options = options or dice.weighted((2, 3, 4, 5), (2, 2, 5, 1))
    makers: tuple[Callable[..., Question | None], ...] = (shown, colour, number, place, printed, extreme, largest)
    return [question for make in makers if (question := make(scene, dice, balance, options))]


def multiple_choice(
    text: str,
    right: str,
    wrong: list[str],
    seen: tuple[Thing | Print, ...],
    sort: str,
    dice: Dice,
    rivals: tuple[str, ...] = (),
) -> Question:
    """The question with its options in random order; the answer is the right option's letter.

    `rivals`: the closed set that right and wrong options come from, where they do."""
    options = dice.shuffled([right, *wrong])
    listed = "".join(f"\n{letter}. {option}" for letter, option in zip(LETTERS, options, strict=False))
    notes = {"question": text, "options": options, "sort": sort, "right": right}
    answer = LETTERS[options.index(right)]
    value = right if rivals else answer
    rivals = rivals or tuple(LETTERS[: len(options)])
    return Question("choice", text + listed, answer, seen, rivals, f"choice {sort} {len(options)}", value, notes)


def shown(scene: Scene, dice: Dice, balance: Balance, options: int) -> Question | None:
    present = [kind for kind in scene.kinds() if not by_name()[kind].is_shape]
    if not present:
        return None
    right = balance.true("choice", present, dice, gain=options - 1)
    wrong: list[str] = []
    absent = negatives(scene, "random")
    while len(wrong) < options - 1:
        wrong.append(balance.false("choice", [kind for kind in absent if kind not in wrong], dice))
    text = dice.pick(("Which of these is in the image?", "Which of these is shown in the image?"))
    return multiple_choice(text, right, wrong, scene.of_kind(right), "shown", dice)


def colour(scene: Scene, dice: Dice, balance: Balance, options: int) -> Question | None:
    shapes = [thing for thing in scene.single() if thing.colour]
    asked = [(f"What color is the {thing.kind}?", thing.colour, (thing,)) for thing in shapes]
    if scene.background.colour:
        asked.append(("What color is the background?", scene.background.colour, ()))
    if not asked:
        return None
    text, right, seen = dice.pick(asked)
    wrong = dice.sample([name for name in COLOUR_NAMES if name != right], options - 1)
    return multiple_choice(text, right, wrong, seen, "colour", dice, COLOUR_NAMES)


def number(scene: Scene, dice: Dice, balance: Balance, options: int) -> Question | None:
    counts = {kind: str(count) for kind, count in scene.kinds().items() if not by_name()[kind].mass}
    several = {kind: count for kind, count in counts.items() if count in _NUMBERS}
    if not several:
        return None
    kind = dice.pick(tuple(several))
    wrong = dice.sample([n for n in _NUMBERS if n != several[kind]], options - 1)
    text = f"How many {plural(kind)} are in the image?"
    return multiple_choice(text, several[kind], wrong, scene.of_kind(kind), "number", dice, _NUMBERS)


def place(scene: Scene, dice: Dice, balance: Balance, options: int) -> Question | None:
    named = [(name, thing, region) for name, thing in referents(scene) if (region := region_of(thing))]
    if not named:
        return None
    name, thing, region = dice.pick(named)
    wrong = dice.sample([other for other in REGIONS if other != region], options - 1)
    return multiple_choice(f"Where is the {name} in the image?", region, wrong, (thing,), "place", dice, REGIONS)


def printed(scene: Scene, dice: Dice, balance: Balance, options: int) -> Question | None:
    words = [print_ for print_ in scene.prints if print_.sort == "word"]
    if not words:
        return None
    right = words[0].string
    wrong: list[str] = []
    while len(wrong) < options - 1:
        word = draw_word(scene.split, dice)
        if word not in wrong and word != right and abs(len(word) - len(right)) < 2:
            wrong.append(word)
    return multiple_choice("Which word is printed in the image?", right, wrong, (words[0],), "printed", dice)


def extreme(scene: Scene, dice: Dice, balance: Balance, options: int) -> Question | None:
    """Which of some present things lies farthest to one side."""
    direction = dice.pick(tuple(_EXTREMES))
    axis, sign = _EXTREMES[direction]
    named = dice.sample(referents(scene), options)
    ranked = sorted(named, key=lambda item: -sign * item[1].centre[axis])
    if len(named) < options or sign * (ranked[0][1].centre[axis] - ranked[1][1].centre[axis]) < _CLEAR:
        return None
    names = [name for name, _ in ranked]
    seen = tuple(thing for _, thing in named)
    return multiple_choice(f"Which of these is {direction}?", names[0], names[1:], seen, "extreme", dice)


def largest(scene: Scene, dice: Dice, balance: Balance, options: int) -> Question | None:
    named = dice.sample(referents(scene), options)
    ranked = sorted(named, key=lambda item: -item[1].side)
    if len(named) < options or ranked[0][1].side < 1.3 * ranked[1][1].side:
        return None
    names = [name for name, _ in ranked]
    return multiple_choice(
        "Which of these is the biggest?", names[0], names[1:], tuple(t for _, t in named), "largest", dice
    )
