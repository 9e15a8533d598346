"""How far one comes without the picture: the check that questions are balanced.

Two answerers that see only the words. Both learn from a stream of training questions:
- `Majority`: the most frequent answer to the question's template (its text with every name, colour, number and print
  replaced by a slot);
- `Words`: naive Bayes over the words and pairs of words of the question, among the answers to its template; for
  multiple choice the option that was right most often when it was listed.

`python -m questions.text_only` prints both, by family, on questions of the validation split."""

from __future__ import annotations

import argparse
import itertools
import math
import re
from collections import Counter, defaultdict

from pocket_world.colours import COLOUR_NAMES
from pocket_world.kinds import by_name
from pocket_world.splits import seeds_of
from questions.stream import stream
from questions.wording import plural

_NAMES = sorted({word for name in by_name() for word in (name, plural(name))}, key=len, reverse=True)
_SLOTS = (
    (re.compile(r"\b(?:an? )?(?:(?:" + "|".join(COLOUR_NAMES) + r") )?(?:" + "|".join(_NAMES) + r")\b"), "THING"),
    (re.compile(r"\b(?:" + "|".join(COLOUR_NAMES) + r")\b"), "COLOUR"),
    (re.compile(r'"[A-Z0-9]+"'), "PRINT"),
    (re.compile(r"\b\d+\b"), "NUMBER"),
)
_OPTION = re.compile(r"^([A-E])\. (.*)$", re.MULTILINE)
Asked = tuple[str, str]
"""question and answer"""


def template_of(text: str) -> str:
    """The question with slots for what varies; options are left out but counted."""
    options = len(_OPTION.findall(text))
    stem = _OPTION.sub("", text).strip()
    for pattern, slot in _SLOTS:
        stem = pattern.sub(slot, stem)
    return f"{stem} {options}" if options else stem


class Majority:
    """The most frequent answer per template; of all answers where the template is new."""

    def __init__(self, asked: list[Asked]):
        self._by_template: dict[str, Counter[str]] = defaultdict(Counter)
        self._all: Counter[str] = Counter()
        for text, answer in asked:
            self._by_template[template_of(text)][answer] += 1
            self._all[answer] += 1

    def answer(self, text: str) -> str:
        return (self._by_template.get(template_of(text)) or self._all).most_common(1)[0][0]


class Words:
    """Naive Bayes over words and pairs of neighbouring words, within the template."""

    def __init__(self, asked: list[Asked]):
        self._answers: dict[str, Counter[str]] = defaultdict(Counter)
        self._words: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._seen: set[str] = set()
        self._listed: Counter[tuple[str, str]] = Counter()
        self._right: Counter[tuple[str, str]] = Counter()
        self._fallback = Majority(asked)
        for text, answer in asked:
            template = template_of(text)
            self._answers[template][answer] += 1
            self._words[template, answer].update(self._features(text))
            self._seen.update(self._features(text))
            for letter, option in _OPTION.findall(text):
                self._listed[template, option] += 1
                self._right[template, option] += letter == answer

    def answer(self, text: str) -> str:
        template = template_of(text)
        options = _OPTION.findall(text)
        if options:
            prior = 1 / len(options)
            rate = {
                letter: (self._right[template, option] + 8 * prior) / (self._listed[template, option] + 8)
                for letter, option in options
            }
            return max(rate, key=rate.get)
        if template not in self._answers:
            return self._fallback.answer(text)
        features = [word for word in self._features(text) if word in self._seen]
        return max(self._answers[template], key=lambda answer: self._score(template, answer, features))

    def _score(self, template: str, answer: str, features: list[str]) -> float:
        count = self._answers[template][answer]
        words = self._words[template, answer]
        return math.log(count) + sum(math.log((words[word] + 0.5) / (count + 1)) for word in features)

    @staticmethod
    def _features(text: str) -> list[str]:
        words = re.findall(r"[a-z0-9]+", text.lower())
        return words + [f"{one} {two}" for one, two in itertools.pairwise(words)]


def training_questions(scenes: int) -> list[tuple[str, Asked]]:
    """Family, question and answer of the first scenes of the training split."""
    return [
        (question.family, (question.text, question.answer))
        for _, questions in stream(seeds_of("train", 0, scenes))
        for question in questions
    ]


def accuracy(answerer: Majority | Words, asked: list[Asked]) -> float:
    """Share of exactly right answers, in percent."""
    return 100 * sum(answerer.answer(text) == answer for text, answer in asked) / len(asked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=4000, help="training scenes to learn from (default 4000)")
    parser.add_argument("--test-scenes", type=int, default=1000)
    options = parser.parse_args()
    learned = [asked for _, asked in training_questions(options.scenes)]
    majority, words = Majority(learned), Words(learned)
    by_family: dict[str, list[Asked]] = defaultdict(list)
    for _, questions in stream(seeds_of("validation", 0, options.test_scenes)):
        for question in questions:
            by_family[question.family].append((question.text, question.answer))
    print(f"learned from {len(learned)} questions; percent right without the picture")
    print(f"{'family':12} {'questions':>9} {'majority':>9} {'words':>9}")
    for family, asked in by_family.items():
        print(f"{family:12} {len(asked):9} {accuracy(majority, asked):9.1f} {accuracy(words, asked):9.1f}")


if __name__ == "__main__":
    main()
