"""LLaVA-format data on disk: conversations as token ids, pictures as pixel values, and the order in which they come."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from tuning.conversations import Prompt, Turn, by_template, pictures_of, turns_of, vicuna_v1
from tuning.packing import Tokens, refuse_late_pictures, separately, together

PICTURE_WORDS = 128
"""What a picture counts when conversations are sorted by length; as LLaVA's sampler."""


@dataclass(frozen=True)
class Example:
    tokens: Tokens
    pixels: Tensor
    """(pictures, 3, side, side)"""


class Conversations(torch.utils.data.Dataset):
    """`turns`: `together`, as LLaVA has them, or `apart`."""

    def __init__(
        self,
        path: Path,
        images: Path,
        processor: Any,
        prompt: str,
        turns: str = "together",
        limit: int | None = None,
    ):
        self.items = _items(path)[:limit]
        self.images = images
        self.processor = processor
        self.prompt = prompt
        self.turns = turns
        self._refuse_unlearnable(path)
        self._refuse_missing()

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, place: int) -> Example:
        item = self.items[place]
        pictures = pictures_of(item)
        try:
            tokens = self._tokens(turns_of(item))
        except ValueError as error:
            raise ValueError(f"{self._name(place)}: {error}") from error
        marks = int((tokens.ids == self.processor.image_id).sum())
        if marks != len(pictures):
            raise ValueError(f"{self._name(place)}: {len(pictures)} pictures, but {marks} image tokens in the prompt")
        pixels = [self._pixels(place, self.images / name) for name in pictures]
        return Example(tokens, torch.stack(pixels) if pixels else torch.empty(0))

    def _pixels(self, place: int, path: Path) -> Tensor:
        try:
            with Image.open(path) as picture:
                return self.processor.pixels(picture)
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:  # Pillow's, by format
            raise OSError(f"{self._name(place)}: {path} cannot be read: {error}") from error

    def _name(self, place: int) -> str:
        item = self.items[place]
        return f"item {item['id']}" if isinstance(item, dict) and "id" in item else f"item number {place}"

    def _tokens(self, turns: list[Turn]) -> Tokens:
        tokenizer = self.processor.tokenizer
        if self.turns == "apart":
            return separately(turns, self._write, tokenizer, self.processor.image_id)
        return together(turns, self._write, tokenizer)

    def _write(self, turns: list[Turn]) -> Prompt:
        tokenizer = self.processor.tokenizer
        if self.prompt == "vicuna_v1":
            return vicuna_v1(turns, tokenizer.eos_token)
        return by_template(turns, tokenizer, self.processor.ends)

    def words(self, place: int) -> int:
        item = self.items[place]
        words = sum(len(part["value"].split()) for part in item["conversations"])
        return words + PICTURE_WORDS * len(pictures_of(item))

    def has_picture(self, place: int) -> bool:
        return bool(pictures_of(self.items[place]))

    def _refuse_unlearnable(self, path: Path) -> None:
        wrong = []
        for place, item in enumerate(self.items):
            try:
                turns = turns_of(item)
                if self.turns == "apart":
                    refuse_late_pictures(turns)
            except ValueError as error:
                wrong.append(f"{self._name(place)}: {error}")
        if wrong:
            named = "; ".join(wrong[:5]) + ("; ..." if len(wrong) > 5 else "")
            raise ValueError(f"{path}: {len(wrong)} of {len(self.items)} conversations cannot be learned: {named}")

    def _refuse_missing(self) -> None:
        named = {name for item in self.items for name in pictures_of(item)}
        missing = sorted(name for name in named if not (self.images / name).is_file())
        if missing:
            raise FileNotFoundError(f"{self.images}: {len(missing)} pictures of the data are not there: {missing[:5]}")


def _items(path: Path) -> list[Any]:
    items = json.loads(path.read_text())
    if isinstance(items, list) and items:
        return items
    found = "an empty one" if items == [] else f"a JSON {type(items).__name__}"
    raise ValueError(f"{path}: expected a list of conversations, found {found}")


def steps(words: list[int], has_picture: list[bool], batch: int, seed: int) -> list[list[int]]:
    """Which conversations each step takes: every one once, in random order, pictures and text-only ones apart where
    that fills a step (LLaVA's group_by_modality_length), the longest of a step first."""
    generator = torch.Generator().manual_seed(seed)
    full: list[list[int]] = []
    left: list[int] = []
    for kind in (True, False):
        places = [place for place, has in enumerate(has_picture) if has == kind]
        places = [places[at] for at in torch.randperm(len(places), generator=generator).tolist()]
        whole = len(places) - len(places) % batch
        full += [places[start : start + batch] for start in range(0, whole, batch)]
        left += places[whole:]
    full = [full[at] for at in torch.randperm(len(full), generator=generator).tolist()]
    full += [left[start : start + batch] for start in range(0, len(left), batch)]
    return [sorted(step, key=lambda place: (-words[place], place)) for step in full]


def share(step: list[int], micro_batch: int, rank: int, processes: int) -> list[list[int]]:
    """The forward runs of one process: neighbours in length together."""
    runs = [step[start : start + micro_batch] for start in range(0, len(step), micro_batch)]
    return runs[rank::processes]
