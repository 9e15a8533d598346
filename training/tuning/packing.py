"""A conversation as one row of tokens: its turns one after another, or each by itself after the picture they share.

Turns by themselves are what single questions are: each sees the picture and its own words, at the positions that it
would have alone. Sharing the picture makes them cheap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from tuning.conversations import Prompt, Turn, encode


@dataclass(frozen=True)
class Tokens:
    ids: Tensor
    """(length,), one image id per picture"""
    labels: Tensor
    """(length,)"""
    segments: Tensor
    """(length,): 0 for what all see, else the number of the turn that alone sees it"""


def together(turns: list[Turn], write: Callable[[list[Turn]], Prompt], tokenizer: Any) -> Tokens:
    """LLaVA's way: later turns see earlier ones."""
    ids, labels = encode(write(turns), tokenizer)
    return Tokens(ids, labels, torch.zeros_like(ids))


def separately(turns: list[Turn], write: Callable[[list[Turn]], Prompt], tokenizer: Any, image_id: int) -> Tokens:
    """Every question with its answer as a conversation of its own. All pictures belong to the first question."""
    refuse_late_pictures(turns)
    images = turns[0].images
    alone = [
        encode(write([replace(question, images=images), answer]), tokenizer)
        for question, answer in zip(turns[::2], turns[1::2], strict=True)
    ]
    first = alone[0][0]
    marks = (first == image_id).nonzero().flatten()
    shared = int(marks[-1]) + 1 if len(marks) else 1
    for ids, _ in alone:
        if not torch.equal(ids[:shared], first[:shared]):
            raise ValueError("the prompt before the picture depends on the question: turns cannot share it")
    pieces = [alone[0][0][:shared], *(ids[shared:] for ids, _ in alone)]
    labels = [alone[0][1][:shared], *(own[shared:] for _, own in alone)]
    segments = [torch.full_like(piece, number) for number, piece in enumerate(pieces)]
    return Tokens(torch.cat(pieces), torch.cat(labels), torch.cat(segments))


def refuse_late_pictures(turns: list[Turn]) -> None:
    """Turns can share what comes before them alone."""
    if any(turn.images for turn in turns[1:]):
        raise ValueError("turns apart need all pictures in the first one")


def positions(segments: Tensor) -> Tensor:
    """(batch, length): where each token stands in its own turn; `segments` (batch, length), -1 for padding."""
    batch, length = segments.shape
    place = torch.arange(length, device=segments.device).expand(batch, length)
    shared = (segments == 0).sum(-1, keepdim=True)
    starts = torch.ones_like(segments, dtype=torch.bool)
    starts[:, 1:] = segments[:, 1:] != segments[:, :-1]
    start = torch.where(starts, place, 0).cummax(-1).values
    return torch.where(segments > 0, shared + place - start, place)


def visible(segments: Tensor) -> Tensor:
    """(batch, 1, length, length): True where a row may see a column. Padding sees itself, so that no row is empty."""
    row, column = segments[:, :, None], segments[:, None, :]
    length = segments.shape[1]
    before = torch.ones(length, length, dtype=torch.bool, device=segments.device).tril()
    itself = torch.eye(length, dtype=torch.bool, device=segments.device)
    return ((before & ((column == 0) | (column == row)) & (row >= 0)) | itself)[:, None]
