"""Clips and questions as batches: many questions about each clip, packed into one row."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from pocket_model import language_rows
from pocket_model.language_variety import before_picture
from pocket_model.words import ASSISTANT, END
from pocket_video.ask import TYPES, Asked, ask
from pocket_video.choose import Choice, choose
from pocket_video.clip import FRAMES, GRID, Clip
from pocket_video.compose import compose
from pocket_video.paint import Painter, patchify
from pocket_video.watch import ROWS
from pocket_world.assets import Assets
from pocket_world.dice import Dice
from pocket_world.kinds import places
from pocket_world.splits import seeds_of
from questions.prompts import SHORT

STARTS = {"train": 50_000_000, "validation": 0, "test": 6_000_000}
"""First seed of a split's clips within the split: none that pictures were painted from."""
GLADLY = (2.0, 1.2, 2.5, 0.5, 1.5, 2.0, 1.0, 1.2, 3.0)
"""How gladly a question of a type is taken; most that can be asked are answered by yes or no."""
CHOICES = 0.2
"""Share of the questions that are asked with options, where they have enough answers."""
_ASK_STREAM, _CHOICE_STREAM = 1 << 44, 1 << 45
_COUNTED = 600


def clip_of(split: str, number: int) -> Clip:
    return compose(seeds_of(split, STARTS[split] + number, 1)[0])


def questions_of(clip: Clip) -> list[Asked]:
    return ask(clip, Dice(_ASK_STREAM + clip.seed))


@dataclass(frozen=True)
class ClipBatch:
    """B clips with T tokens of questions each, n patches of every frame."""

    pixels: Tensor
    """uint8 [B, FRAMES, n, 588]"""
    chosen: Tensor | None
    """[B, FRAMES, n]: which patches; None: all"""
    actor: Tensor
    """[B, FRAMES * (1 + n)]: the actor that a row shows, as Painter.actors numbers them; 0 none and class tokens"""
    present: Tensor
    """[B, kinds, FRAMES]: whether a frame shows a kind"""
    number: Tensor
    """[B, kinds]: the actor's number; 0: not in the clip"""
    before: Tensor
    ids: Tensor
    positions: Tensor
    turn: Tensor
    question: Tensor
    labels: Tensor
    weights: Tensor
    families: Tensor
    """the same as in LanguageBatch; a family is a type of TYPES"""
    looks: Tensor
    """[P, 4]: clip, token, actors (actor i as bit i), frames (frame i as bit i): what an answer is read off"""
    picks: Tensor


class ClipPacker:
    """Makes batches by number; what a step reads depends on nothing but that."""

    def __init__(self, tokenizer: Tokenizer, split: str, questions: int, assets: Assets):
        self.tokenizer, self.split, self.questions = tokenizer, split, questions
        self.painter = Painter(assets)

    @cached_property
    def usual(self) -> Counter[tuple[str, str]]:
        """How often a wording has an answer, among the first training clips."""
        clips = (clip_of("train", number) for number in range(_COUNTED))
        return Counter(self._key(asked) for clip in clips for asked in questions_of(clip))

    @staticmethod
    def _key(asked: Asked) -> tuple[str, str]:
        return asked.wording, asked.answer if asked.rivals and "first" not in asked.rivals else ""

    def batch(self, first: int, clips: int, patches: int | None) -> ClipBatch:
        """Clips `first` to `first + clips` of the split, with so many patches of each frame, drawn evenly (None: all)."""
        dice = np.random.default_rng((first, 10))
        described = [clip_of(self.split, number) for number in range(first, first + clips)]
        pixels = np.stack([patchify(self.painter.frames(clip)) for clip in described])
        actor = np.stack([self.painter.actors(clip) for clip in described])
        chosen = None
        if patches:
            chosen = np.sort(np.argsort(dice.random(actor.shape), -1)[..., :patches], -1)
            pixels = np.take_along_axis(pixels, chosen[..., None], 2)
            actor = np.take_along_axis(actor, chosen, 2)
        actor = np.pad(actor, ((0, 0), (0, 0), (1, 0))).reshape(clips, -1)
        present = np.zeros((clips, len(places()), FRAMES), np.float32)
        number = np.zeros((clips, len(places())), np.int64)
        for at, clip in enumerate(described):
            for place, one in enumerate(clip.actors, 1):
                number[at, places()[one.kind]] = place
                present[at, places()[one.kind]] = [box is not None for box in one.boxes]
        before = before_picture(self.tokenizer, "")
        rows = [self._pack(clip, dice) for clip in described]
        start = len(before) + FRAMES * ROWS
        return ClipBatch(
            pixels=torch.from_numpy(pixels),
            chosen=None if chosen is None else torch.from_numpy(chosen),
            actor=torch.from_numpy(actor.astype(np.int64)),
            present=torch.from_numpy(present),
            number=torch.from_numpy(number),
            before=torch.tensor(before),
            **language_rows.pad(rows, [np.full(len(row), start) for row in rows]),
        )

    def _pack(self, clip: Clip, dice: np.random.Generator) -> list[language_rows.Conversation]:
        asked = questions_of(clip)
        gladly = np.array([GLADLY[one.type] / (3 + self.usual[self._key(one)]) ** 0.5 for one in asked])
        count = min(self.questions, len(asked))
        taken = [asked[at] for at in dice.choice(len(asked), count, replace=False, p=gladly / gladly.sum())]
        drawn = Dice(_CHOICE_STREAM + clip.seed)
        choices = [choose(one, clip, drawn) if dice.random() < CHOICES else None for one in taken]
        return [[self._tokens(*pair, dice.random() < 0.35)] for pair in zip(taken, choices, strict=True)]

    def _tokens(self, asked: Asked, choice: Choice | None, instructed: bool) -> language_rows.Asked:
        prompt = f"\n{choice.prompt}" if choice else f"\n{asked.text}" + (f"\n{SHORT}" if instructed else "")
        said = self.tokenizer.encode(f"{prompt} {ASSISTANT}", add_special_tokens=False)
        answer = self.tokenizer.encode(f" {choice.letter if choice else asked.answer}", add_special_tokens=False)
        actors = sum(1 << number for number in asked.about)
        frames = sum(1 << frame for frame in asked.frames) or (1 << FRAMES) - 1
        look = (actors, [frames]) if actors else None
        return language_rows.Asked(said.ids, [*answer.ids, END], look, self._pick(asked, choice, prompt, said.offsets), asked.type)

    def _pick(self, asked: Asked, choice: Choice | None, prompt: str, offsets: list[tuple[int, int]]) -> int | None:
        """The token that ends the right one of several options, or of two things that are named."""
        if not choice and "first" not in asked.rivals:
            return None
        option = f"\n{choice.letter}. {asked.answer}" if choice else f"the {asked.answer}"
        end = prompt.index(option) + len(option)
        return next((place for place, (_, last) in enumerate(offsets) if last == end), None)


__all__ = ["GRID", "TYPES", "ClipBatch", "ClipPacker", "clip_of", "questions_of"]
