"""What the language model is trained on: many questions about each picture, packed into one row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Encoding, Tokenizer
from torch import Tensor

from pocket_model.blocks import Block
from pocket_model.feed import Visits, choose_patches
from pocket_model.words import ASSISTANT, BEGIN, END, PAD, USER
from pocket_world.colours import COLOUR_NAMES
from pocket_world.dice import Dice
from pocket_world.kinds import by_name, names
from pocket_world.labels import character_places
from pocket_world.scene import GRID, SIDE, Print, Scene
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
_POINTED = ("what", "reading", "colour", "comparison", "choice", "relation")
"""Families whose answer is read off one thing: where the answer begins, a head is told to look at it."""
_PROMPT_STREAM = 1 << 42
_KIND = {name: place for place, name in enumerate(names())}


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
    ids: Tensor
    positions: Tensor
    turn: Tensor
    """[B, T]: which question a token belongs to; -2 padding"""
    labels: Tensor
    """[B, T]: next token where it belongs to an answer, else -1"""
    weights: Tensor
    """[B, T]: 1 / sqrt(tokens of the answer)"""
    looks: Tensor
    """[P, 4]: picture, token, item, place of the character in its string or -1: where an answer is read off"""
    families: Tensor
    """[B, questions]: number of each question's family in SHARE; -1 none"""


class Packer:
    """Makes batches from visits; holds the questions of the blocks that it is in."""

    def __init__(self, tokenizer: Tokenizer, visits: dict[str, Visits], questions: int):
        self.tokenizer, self.visits, self.questions = tokenizer, visits, questions
        self.before = before_picture(tokenizer)
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
        rows = [
            self._pack(block.scenes[place], self._ask(block, turn)[place], dice, turn)
            for block, place, turn in taken
        ]
        kind, item = (torch.from_numpy(np.take_along_axis(labels[:, part], chosen, 1)).long() for part in (0, 1))
        scenes = [block.scenes[place] for block, place, _ in taken]
        letter = np.stack([_letters(scene, row) for scene, row in zip(scenes, labels[:, 1], strict=True)])
        colour = torch.from_numpy(np.stack([_colours(scene) for scene in scenes])).gather(1, item)
        return LanguageBatch(
            pixels=torch.from_numpy(
                np.stack([block.pixels[place][seen] for (block, place, _), seen in zip(taken, chosen, strict=True)])
            ),
            places=None if whole else torch.from_numpy(np.ascontiguousarray(chosen)),
            kind=kind,
            item=item,
            colour=colour,
            letter=torch.from_numpy(np.take_along_axis(letter, chosen, 1)),
            boxes=torch.from_numpy(np.stack([_boxes(scene) for scene in scenes])),
            **_pad(rows, len(self.before) + patches),
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

    def _pack(self, scene: Scene, asked: list[Question], dice: np.random.Generator, turn: int) -> list[tuple]:
        if not asked:
            return []
        share = np.array([SHARE[question.family] for question in asked])
        count = min(self.questions, len(asked))
        picked = dice.choice(len(asked), count, replace=False, p=share / share.sum())
        prompt_dice = Dice(_PROMPT_STREAM + scene.seed + (turn << 44))
        texts = [(training_prompt(asked[at], scene, prompt_dice), asked[at]) for at in picked]
        encoded = self.tokenizer.encode_batch(
            [text for prompt, question in texts for text in (f"\n{prompt} {ASSISTANT}", f" {question.answer}")],
            add_special_tokens=False,
        )
        return [
            (encoded[2 * at].ids, [*encoded[2 * at + 1].ids, END], _look(question, scene, encoded[2 * at + 1]), question.family)
            for at, (_, question) in enumerate(texts)
        ]


def before_picture(tokenizer: Tokenizer) -> list[int]:
    """Ids of what comes before the picture."""
    return [BEGIN, *tokenizer.encode(f"{USER} ", add_special_tokens=False).ids]


def kind_of_token(tokenizer: Tokenizer) -> Tensor:
    """[vocabulary]: the kind that a token names, singular or plural; -1 none. The last token of a name counts."""
    table = torch.full((tokenizer.get_vocab_size(),), -1)
    for name, kind in by_name().items():
        for word in (name, kind.plural):
            table[tokenizer.encode(f" {word}", add_special_tokens=False).ids[-1]] = _KIND[name]
    return table


def tokens_of(tokenizer: Tokenizer, words: tuple[str, ...]) -> Tensor:
    """The last token of each word."""
    return torch.tensor([tokenizer.encode(f" {word}", add_special_tokens=False).ids[-1] for word in words])


def _look(question: Question, scene: Scene, answer: Encoding) -> tuple[int, list[int]] | None:
    """The item that the answer is read off, and for each token of the answer its letter's place in a string (-1: none)."""
    if question.family not in _POINTED or not question.shown:
        return None
    seen = question.shown[0]
    if question.family == "choice" and question.notes["sort"] == "number":
        return None
    if question.family == "relation" and question.answer in ("yes", "no"):
        return None
    if question.family == "comparison":
        named = [thing for thing in question.shown if question.answer.split()[-1] == thing.kind]
        if len(named) != 1:
            return None
        seen = named[0]
    if isinstance(seen, Print):
        spelled = question.family == "reading"  # " STOP": the place of a token's last character, less the blank
        return len(scene.things) + seen.id + 1, [end - 2 if spelled else -1 for _, end in answer.offsets]
    return scene.things.index(seen) + 1, [-1]


def _letters(scene: Scene, item: np.ndarray) -> np.ndarray:
    """[576]: place in its string of the character that a patch shows; -1 none"""
    letters = np.full((GRID, GRID), -1, np.int64)
    for print_ in scene.prints:
        here = item.reshape(GRID, GRID) == len(scene.things) + print_.id + 1
        letters[here] = np.broadcast_to(character_places(print_), (GRID, GRID))[here]
    return letters.ravel()


def _colours(scene: Scene) -> np.ndarray:
    colours = np.full(13, -1, np.int64)
    for place, item in enumerate((*scene.things, *scene.prints), 1):
        colours[place] = COLOUR_NAMES.index(item.colour) if item.colour else -1
    return colours


def _boxes(scene: Scene) -> np.ndarray:
    boxes = np.full((len(_KIND), 5), -1, np.float32)
    for thing in scene.single():
        x, y, width, height = thing.box
        middle_x, middle_y = (x + width / 2) / SIDE, (y + height / 2) / SIDE
        ninth = min(2, int(middle_y * 3)) * 3 + min(2, int(middle_x * 3))
        boxes[_KIND[thing.kind]] = middle_x, middle_y, width / SIDE, height / SIDE, ninth
    return boxes


def _pad(rows: list[list[tuple]], start: int) -> dict[str, Tensor]:
    length = max(8, max(sum(len(ask) + len(answer) - 1 for ask, answer, *_ in row) for row in rows))
    shape = (len(rows), length)
    ids, positions, turn = np.full(shape, PAD), np.full(shape, start), np.full(shape, -2)
    labels, weights, looks = np.full(shape, -1), np.zeros(shape, np.float32), []
    families = np.full((len(rows), max(1, max(map(len, rows)))), -1)
    for place, row in enumerate(rows):
        at = 0
        for number, (ask, answer, look, family) in enumerate(row):
            whole = [*ask, *answer[:-1]]
            here = slice(at, at + len(whole))
            ids[place, here] = whole
            positions[place, here] = np.arange(start, start + len(whole))
            turn[place, here] = number
            families[place, number] = tuple(SHARE).index(family)
            first = at + len(ask) - 1
            labels[place, first : at + len(whole)] = answer
            weights[place, first : at + len(whole)] = len(answer) ** -0.5
            if look:
                item, letters = look
                steps = letters if letters[-1] >= 0 else [-1]
                looks += [(place, first + step, item, letter) for step, letter in enumerate(steps)]
            at += len(whole)
    return {
        "ids": torch.from_numpy(ids),
        "positions": torch.from_numpy(positions),
        "turn": torch.from_numpy(turn),
        "labels": torch.from_numpy(labels),
        "weights": torch.from_numpy(weights),
        "looks": torch.tensor(looks, dtype=torch.long).reshape(-1, 4),
        "families": torch.from_numpy(families),
    }
