"""What the language model is trained on: many questions about each picture, packed into one row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from pocket_model.blocks import Block
from pocket_model.feed import Visits, choose_patches
from pocket_model.language_hints import boxes_of, colours_of, look, pick
from pocket_model.language_rows import Asked, Conversation, length_of, pad
from pocket_model.language_variety import (
    Variety,
    before_picture,
    conversations,
    moved_places,
    plain_places,
    system_message,
)
from pocket_model.words import ASSISTANT, END, USER
from pocket_world.dice import Dice
from pocket_world.kinds import by_name, places
from pocket_world.labels import letter_places
from pocket_world.scene import GRID, Scene
from questions.balance import Balance
from questions.prompts import training_prompt
from questions.question import Question
from questions.stream import FAMILIES, questions_of

SHARE = {
    "reading": 4.0,
    "count": 3.0,
    "what": 2.2,
    "colour": 2.0,
    "relation": 2.5,
    "comparison": 2.0,
    "choice": 1.8,
    "existence": 0.8,
    "paired": 0.45,
    "logic": 0.5,
    "background": 0.5,
    "caption": 0.7,
}
"""How gladly a question of a family is taken; a scene has far more yes-or-no questions than others."""
_FAMILY = {family: place for place, family in enumerate(SHARE)}
_PROMPT_STREAM = 1 << 42
_PLAIN = Variety()


@dataclass(frozen=True)
class LanguageBatch:
    """B pictures with T tokens of questions each, n patches looked at."""

    pixels: Tensor
    places: Tensor | None
    kind: Tensor
    item: Tensor
    """[B, n], as in VisionBatch"""
    colour: Tensor
    """[B, n]: of the patch's thing; -1 none"""
    letter: Tensor
    """[B, n]: place of the patch's character in its string; -1 none"""
    boxes: Tensor
    """[B, kinds, 5]: middle, width, height, ninth of the picture, of kinds that are there once; else -1"""
    before: Tensor
    """[p]: ids in front of the picture"""
    context: Tensor
    """[B, p + n]: positions of those and of the patches; not always whole numbers"""
    ids: Tensor
    positions: Tensor
    turn: Tensor
    """[B, T]: which conversation a token belongs to; -2 padding"""
    question: Tensor
    """[B, T]: which question's answer a label belongs to; -1 none"""
    labels: Tensor
    """[B, T]: next token where it belongs to an answer, else -1"""
    weights: Tensor
    """[B, T]: 1 / sqrt(tokens of the answer)"""
    looks: Tensor
    """[P, 4]: picture, token, items (item i as bit i), place of the character in its string or -1: what a token of an
    answer is read off"""
    picks: Tensor
    """[P, 3]: picture, the token that an answer follows on, the token that ends the right option"""
    families: Tensor
    """[B, questions]: number of each question's family in SHARE; -1 none"""


class Packer:
    """Makes batches from visits; holds the questions of the blocks that it is in."""

    def __init__(self, tokenizer: Tokenizer, visits: dict[str, Visits], questions: int, variety: Variety = _PLAIN):
        self.tokenizer, self.visits, self.questions, self.variety = tokenizer, visits, questions, variety
        self._share = [share * variety.weights.get(family, 1.0) for family, share in SHARE.items()]
        self._asked: dict[tuple[int, int], list[list[Question]]] = {}

    def batch(self, shares: dict[str, int], patches: int, step: int) -> LanguageBatch:
        """The batch of a step: so many scenes of each sort."""
        taken = [visit for sort, count in shares.items() for visit in self.visits[sort].take(step * count, count)]
        dice = np.random.default_rng((step, 8))
        labels = np.stack([block.labels[place] for block, place, _ in taken])
        whole = patches == GRID * GRID
        chosen = (
            np.broadcast_to(np.arange(patches), (len(taken), patches))
            if whole
            else choose_patches(labels[:, 1], patches, dice)
        )
        variety = np.random.default_rng((step, 9))
        told = system_message(variety) if variety.random() < self.variety.told else ""
        before = before_picture(self.tokenizer, told)
        rows = [
            self._pack(block.scenes[place], self._ask(block, turn)[place], dice, variety, turn)
            for block, place, turn in taken
        ]
        contexts, starts = zip(*(self._places(len(before), patches, row, variety) for row in rows), strict=True)
        kind, item = (torch.from_numpy(np.take_along_axis(labels[:, part], chosen, 1)).long() for part in (0, 1))
        scenes = [block.scenes[place] for block, place, _ in taken]
        letter = np.stack([letter_places(scene, row) for scene, row in zip(scenes, labels[:, 1], strict=True)])
        colour = torch.from_numpy(np.stack([colours_of(scene) for scene in scenes])).gather(1, item)
        return LanguageBatch(
            pixels=torch.from_numpy(
                np.stack([block.pixels[place][seen] for (block, place, _), seen in zip(taken, chosen, strict=True)])
            ),
            places=None if whole else torch.from_numpy(np.ascontiguousarray(chosen)),
            kind=kind,
            item=item,
            colour=colour,
            letter=torch.from_numpy(np.take_along_axis(letter, chosen, 1)),
            boxes=torch.from_numpy(np.stack([boxes_of(scene) for scene in scenes])),
            before=torch.tensor(before),
            context=torch.from_numpy(np.stack(contexts)),
            **pad(rows, list(starts)),
        )

    def _ask(self, block: Block, turn: int) -> list[list[Question]]:
        """Questions about each scene of a block, balanced within it; the last few blocks' are kept."""
        key = (block.scenes[0].seed, turn)
        if key not in self._asked:
            balance = Balance()
            while len(self._asked) > 3:
                self._asked.pop(next(iter(self._asked)))
            self._asked[key] = [questions_of(scene, balance, FAMILIES, turn) for scene in block.scenes]
        return self._asked[key]

    def _places(
        self, before: int, patches: int, row: list[Conversation], variety: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        lengths = [length_of(conversation) for conversation in row]
        if variety.random() < self.variety.moved:
            return moved_places(before, patches, lengths, variety)
        return plain_places(before, patches, lengths)

    def _pack(
        self, scene: Scene, asked: list[Question], dice: np.random.Generator, variety: np.random.Generator, turn: int
    ) -> list[Conversation]:
        if not asked:
            return []
        share = np.array([self._share[_FAMILY[question.family]] for question in asked])
        count = min(self.questions, len(asked))
        picked = dice.choice(len(asked), count, replace=False, p=share / share.sum())
        turns = conversations(count, self.variety.chained, variety)
        opens = {sum(turns[:talk]) for talk in range(len(turns))}
        prompt_dice = Dice(_PROMPT_STREAM + scene.seed + (turn << 44))
        texts = [(training_prompt(asked[at], scene, prompt_dice), asked[at]) for at in picked]
        asks = [
            f"\n{prompt} {ASSISTANT}" if place in opens else f"{USER} {prompt} {ASSISTANT}"
            for place, (prompt, _) in enumerate(texts)
        ]
        answers = [f" {question.answer}" for _, question in texts]
        encoded = self.tokenizer.encode_batch(asks + answers, add_special_tokens=False)
        packed = (
            Asked(
                ask.ids,
                [*answer.ids, END],
                look(question, scene, answer),
                pick(question, text, ask),
                _FAMILY[question.family],
            )
            for (_, question), text, ask, answer in zip(texts, asks, encoded[:count], encoded[count:], strict=True)
        )
        return [[next(packed) for _ in range(length)] for length in turns]


def kind_of_token(tokenizer: Tokenizer) -> Tensor:
    """[vocabulary]: the kind that a token names, singular or plural; -1 none. The last token of a name counts."""
    table = torch.full((tokenizer.get_vocab_size(),), -1)
    for name, kind in by_name().items():
        for word in (name, kind.plural):
            table[tokenizer.encode(f" {word}", add_special_tokens=False).ids[-1]] = places()[name]
    return table


def tokens_of(tokenizer: Tokenizer, words: tuple[str, ...]) -> Tensor:
    """The last token of each word."""
    return torch.tensor([tokenizer.encode(f" {word}", add_special_tokens=False).ids[-1] for word in words])
