"""All questions, by every configuration and variant of the model, into a journal that a later run goes on with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from evaluation.configurations import Configuration, rows
from evaluation.engine import Answerer, Question
from evaluation.node import Asked
from tuning.processor import Processor
from tuning.sight import see

PICTURES = 8
"""Pictures at once"""


@dataclass(frozen=True)
class Work:
    variants: dict[str, Answerer]
    """By name, such as `plain` and `tuned`; they share the vision tower"""
    configurations: list[Configuration]
    processor: Processor
    seed: int = 0


Key = tuple[str, str, str, str, str]


class Journal:
    """Answers by variant, configuration, task, id and digest of what was asked; a line each, in the order in which they
    came. It may hold more than a command asks: other tasks, more questions, another benchmark's of the same ids."""

    def __init__(self, path: Path):
        self.path = path
        self.lines: dict[Key, dict[str, Any]] = {}
        if path.exists():
            for line in path.read_text().split("\n"):
                try:
                    found = json.loads(line)
                except ValueError:  # torn by a kill
                    continue
                self.lines[_key_of(found)] = found

    def add(self, lines: list[dict[str, Any]]) -> None:
        with self.path.open("a") as file:
            file.write("\n" + "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
        self.lines |= {_key_of(line): line for line in lines}

    def answers(self, variant: str, configuration: str, asked: list[Asked]) -> dict[str, dict[str, str]]:
        """Texts by task and id, of these questions alone."""
        found: dict[str, dict[str, str]] = {}
        for line in self._of(variant, configuration, asked):
            found.setdefault(line["task"], {})[line["id"]] = line["text"]
        return found

    def visual_tokens(self, variant: str, configuration: str, asked: list[Asked]) -> float:
        """Mean over those of these questions that are about a picture."""
        counts = [line["visual_tokens"] for line in self._of(variant, configuration, asked) if line["visual_tokens"]]
        return sum(counts) / max(1, len(counts))

    def _of(self, variant: str, configuration: str, asked: list[Asked]) -> Iterator[dict[str, Any]]:
        return (self.lines[_key(variant, configuration, question)] for question in asked)


def answer_all(work: Work, asked: list[Asked], journal: Journal, tell: Callable[[int, int], None]) -> None:
    """`tell`: questions done and in all, after each batch of pictures."""
    groups = _by_picture(asked)
    done = 0
    for start in range(0, len(groups), PICTURES):
        batch = groups[start : start + PICTURES]
        questions = [(place, question) for place, group in enumerate(batch) for question in group]
        if not _known(work, journal, [question for _, question in questions]):
            journal.add(_answer_batch(work, questions, batch))
        done += len(questions)
        tell(done, len(asked))


@torch.inference_mode()
def _answer_batch(work: Work, questions: list[tuple[int, Asked]], batch: list[list[Asked]]) -> list[dict[str, Any]]:
    pictures = [group[0].picture for group in batch]
    seen, places = None, {}
    if any(pictures):
        places = {place: number for number, place in enumerate(p for p, picture in enumerate(pictures) if picture)}
        pixels = [work.processor.pixels(Image.open(picture.path)) for picture in pictures if picture]
        seen = see(next(iter(work.variants.values())).model, torch.stack(pixels))
    digests = [picture.sha256 for picture in pictures if picture]
    lines = []
    for configuration in work.configurations:
        reduced = rows(configuration.plans(seen, digests, work.seed), seen) if seen else []
        for variant, answerer in work.variants.items():
            projected = [answerer.model.model.multi_modal_projector(picture) for picture in reduced]
            asked = [
                Question(answerer.ids(question.text, question.picture is not None), places.get(place), question.limit)
                for place, question in questions
            ]
            for (place, question), answer in zip(questions, answerer.answer(projected, asked), strict=True):
                lines.append(
                    {
                        "variant": variant,
                        "configuration": configuration.name,
                        "task": question.task,
                        "id": question.id,
                        "asked": question.digest,
                        "text": answer.text,
                        "gap": round(answer.gap, 6),
                        "visual_tokens": len(reduced[places[place]]) if place in places else 0,
                    }
                )
    return lines


def _by_picture(asked: list[Asked]) -> list[list[Asked]]:
    groups: dict[str, list[Asked]] = {}
    for question in asked:
        key = question.picture.sha256 if question.picture else f"{question.task} {question.id}"
        groups.setdefault(key, []).append(question)
    return list(groups.values())


def _known(work: Work, journal: Journal, questions: list[Asked]) -> bool:
    return all(
        _key(variant, configuration.name, question) in journal.lines
        for variant in work.variants
        for configuration in work.configurations
        for question in questions
    )


def _key(variant: str, configuration: str, question: Asked) -> Key:
    return variant, configuration, *question.key, question.digest


def _key_of(line: dict[str, Any]) -> Key:
    return line["variant"], line["configuration"], line["task"], line["id"], line.get("asked", "")
