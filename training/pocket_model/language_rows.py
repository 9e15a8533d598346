"""Questions about pictures as rows of tokens: conversations one after another, each with its own places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pocket_model.words import PAD


@dataclass(frozen=True)
class Asked:
    """A question and its answer in tokens."""

    ask: list[int]
    answer: list[int]
    """with the end token"""
    look: tuple[int, list[int]] | None
    pick: int | None
    """see language_hints"""
    family: int


Conversation = list[Asked]


def length_of(conversation: Conversation) -> int:
    """Tokens that are read: the last end token is only said."""
    return sum(len(turn.ask) + len(turn.answer) for turn in conversation) - 1


def pad(rows: list[list[Conversation]], starts: list[np.ndarray]) -> dict[str, Tensor]:
    """Rows of a batch, as LanguageBatch has them; `starts`: the place of each conversation's first token."""
    length = max(8, max(sum(map(length_of, row)) for row in rows))
    shape = (len(rows), length)
    ids, positions, turn, question = np.full(shape, PAD), np.zeros(shape), np.full(shape, -2), np.full(shape, -1)
    labels, weights, looks, picks = np.full(shape, -1), np.zeros(shape, np.float32), [], []
    counts = [sum(map(len, row)) for row in rows]
    families = np.full((len(rows), max(1, *counts)), -1)
    for place, row in enumerate(rows):
        at = number = 0
        for talk, (conversation, start) in enumerate(zip(row, starts[place], strict=True)):
            here = slice(at, at + length_of(conversation))
            ids[place, here] = [token for asked in conversation for token in (*asked.ask, *asked.answer)][:-1]
            positions[place, here] = np.arange(start, start + length_of(conversation))
            turn[place, here] = talk
            for asked in conversation:
                families[place, number] = asked.family
                first = at + len(asked.ask) - 1
                said = slice(first, first + len(asked.answer))
                labels[place, said] = asked.answer
                weights[place, said] = len(asked.answer) ** -0.5
                question[place, said] = number
                if asked.look:
                    items, letters = asked.look
                    looks += [(place, first + step, items, letter) for step, letter in enumerate(letters)]
                if asked.pick is not None:
                    picks.append((place, first, at + asked.pick))
                at += len(asked.ask) + len(asked.answer)
                number += 1
            at -= 1
    return {
        "ids": torch.from_numpy(ids),
        "positions": torch.from_numpy(positions),
        "turn": torch.from_numpy(turn),
        "question": torch.from_numpy(question),
        "labels": torch.from_numpy(labels),
        "weights": torch.from_numpy(weights),
        "looks": torch.tensor(looks, dtype=torch.long).reshape(-1, 4),
        "picks": torch.tensor(picks, dtype=torch.long).reshape(-1, 3),
        "families": torch.from_numpy(families),
    }
