"""Which scenes and which of their questions go into a benchmark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from pocket_world.compose import compose
from pocket_world.dice import Dice
from pocket_world.scene import Scene
from pocket_world.splits import seeds_of
from questions import choice
from questions.balance import Balance
from questions.question import Question
from questions.stream import questions_of

PLACES = {
    "vqav2": 0,
    "pope": 0,  # POPE asks about VQAv2's pictures, as the real one does (both use COCO val2014)
    "gqa": 1_000_000,
    "scienceqa": 2_000_000,
    "textvqa": 3_000_000,
    "mme": 4_000_000,
    "mmbench": 5_000_000,
}
"""First seed of each benchmark within the test split."""


def scenes(benchmark: str, fits: Callable[[Scene], bool] = lambda scene: True) -> Iterator[Scene]:
    """Test scenes that suit. Noise on top is left out: it costs most of a file and JPEG changes it anyway."""
    for seed in seeds_of("test", PLACES[benchmark], 1_000_000):
        scene = compose(seed)
        if scene.background.grain == 0 and fits(scene):
            yield scene


def choose(
    chosen_scenes: list[Scene], shares: dict[str, float], per_scene: int, seed: int
) -> list[tuple[Scene, list[Question]]]:
    """`per_scene` questions of each scene: families by their shares, and within a wording the rarest answer first."""
    balance = Balance()
    dice = Dice(seed)
    families: Counter[str] = Counter()
    answers: Counter[tuple[str, str]] = Counter()

    def cost(question: Question) -> tuple[float, int, float]:
        value = question.value or question.answer
        return families[question.family] / shares[question.family], answers[question.wording, value], dice.unit()

    result = []
    for scene in chosen_scenes:
        candidates = questions_of(scene, balance, shares)
        asked: list[Question] = []
        while candidates and len(asked) < per_scene:
            best = min(candidates, key=cost)
            candidates.remove(best)
            asked.append(best)
            families[best.family] += 1
            answers[best.wording, best.value or best.answer] += 1
        result.append((scene, asked))
    return result


def choose_by_sort(
    source: Iterator[Scene], sorts: tuple[str, ...], options: int, count: int, dice: Dice
) -> list[tuple[Scene, Question]]:
    """One multiple-choice question a scene, sorts in turn, right options and letters evenly."""
    balance = Balance(ratio=1, slack=1)
    wanted = Counter({sort: -(-count // len(sorts)) for sort in sorts})
    values: Counter[tuple[str, str]] = Counter()
    letters: Counter[str] = Counter()
    found: list[tuple[Scene, Question]] = []
    for scene in source:
        candidates = [
            question
            for question in choice.ask(scene, dice, balance, options)
            if wanted[question.notes["sort"]] > 0 and balance.accepts(question)
        ]
        candidates = [
            question
            for question in candidates
            if letters[question.answer] <= min(letters[x] for x in choice.LETTERS[:options]) + 1
        ]
        if candidates:
            best = min(candidates, key=lambda q: (-wanted[q.notes["sort"]], values[q.notes["sort"], q.notes["right"]]))
            wanted[best.notes["sort"]] -= 1
            values[best.notes["sort"], best.notes["right"]] += 1
            letters[best.answer] += 1
            found.append((scene, best))
        if len(found) == count:
            break
    return found
