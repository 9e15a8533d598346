"""The language model's loss over answers, with visual tokens spliced in; as many rows per picture as it has."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from reduction.methods import Method
from tuning.conversations import IGNORED
from tuning.data import Example
from tuning.sight import reduce, see


@dataclass(frozen=True)
class Spliced:
    embeddings: Tensor
    """(batch, longest, width), padded at the end"""
    labels: Tensor
    """(batch, longest)"""
    lengths: Tensor
    """(batch,)"""


@dataclass(frozen=True)
class AnswerLoss:
    total: Tensor
    """Sum over answer tokens of their cross entropy"""
    tokens: int
    visual_tokens: int
    pictures: int


def splice(
    embed: Any, image_id: int, examples: list[tuple[Tensor, Tensor]], rows: list[Tensor], longest: int
) -> Spliced:
    """Puts each picture's rows in place of its image id, in order. `examples`: ids and labels (length,) each."""
    pending = iter(rows)
    embedded, labelled = [], []
    for ids, labels in examples:
        pieces, marks = [], []
        start = 0
        for place in (ids == image_id).nonzero().flatten().tolist():
            visual = next(pending)
            pieces += [embed(ids[start:place]), visual]
            marks += [labels[start:place], labels.new_full((len(visual),), IGNORED)]
            start = place + 1
        pieces.append(embed(ids[start:]))
        marks.append(labels[start:])
        embedded.append(torch.cat([piece.to(pieces[-1].dtype) for piece in pieces])[:longest])
        labelled.append(torch.cat(marks)[:longest])
    return Spliced(
        pad_sequence(embedded, batch_first=True),
        pad_sequence(labelled, batch_first=True, padding_value=IGNORED),
        torch.tensor([len(labels) for labels in labelled]),
    )


def answer_loss(model: Any, examples: list[Example], method: Method, longest: int) -> AnswerLoss:
    """`model`: LlavaForConditionalGeneration, with or without low-rank layers, which are float32 where its own weights
    are half as wide. Signals and reduction are float32 in any case."""
    pixels = [example.pixels for example in examples if len(example.pixels)]
    seen = reduce(see(model, torch.cat(pixels).to(model.device)), method) if pixels else None
    with torch.autocast(model.device.type, model.dtype) if model.dtype != torch.float32 else contextlib.nullcontext():
        return _language_loss(model, examples, seen, longest)


def _language_loss(model: Any, examples: list[Example], seen: tuple[Tensor, Tensor] | None, longest: int) -> AnswerLoss:
    device = model.device
    rows: list[Tensor] = []
    if seen is not None:
        projected = model.model.multi_modal_projector(seen[0])
        rows = [picture[:count] for picture, count in zip(projected, seen[1].tolist(), strict=True)]
    parts = [(example.ids.to(device), example.labels.to(device)) for example in examples]
    embed = model.get_input_embeddings()
    spliced = splice(embed, model.config.image_token_id, parts, rows, longest)
    place = torch.arange(spliced.labels.shape[1], device=device)
    mask = (place[None] < spliced.lengths[:, None].to(device)).long()
    hidden = model.model.language_model(inputs_embeds=spliced.embeddings, attention_mask=mask).last_hidden_state
    targets = spliced.labels[:, 1:]
    learned = targets != IGNORED
    logits = model.lm_head(hidden[:, :-1][learned]).float()
    total = F.cross_entropy(logits, targets[learned], reduction="sum")
    return AnswerLoss(total, int(learned.sum()), sum(len(picture) for picture in rows), len(rows))
