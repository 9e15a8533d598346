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
from tuning.packing import Tokens, positions, visible
from tuning.sight import reduce, see


@dataclass(frozen=True)
class Spliced:
    embeddings: Tensor
    """(batch, longest, width), padded at the end"""
    labels: Tensor
    """(batch, longest)"""
    segments: Tensor
    """(batch, longest), -1 for padding; see packing.py"""


@dataclass(frozen=True)
class AnswerLoss:
    total: Tensor
    """Sum over answer tokens of their cross entropy"""
    tokens: int
    visual_tokens: int
    pictures: int


def splice(embed: Any, image_id: int, conversations: list[Tokens], rows: list[Tensor], longest: int) -> Spliced:
    """Puts each picture's rows in place of its image id, in order."""
    pending = iter(rows)
    embedded, labelled, segmented = [], [], []
    for tokens in conversations:
        pieces, labels, segments = [], [], []
        start = 0
        for place in (tokens.ids == image_id).nonzero().flatten().tolist():
            visual = next(pending)
            pieces += [embed(tokens.ids[start:place]), visual]
            labels += [tokens.labels[start:place], tokens.labels.new_full((len(visual),), IGNORED)]
            segments += [tokens.segments[start:place], tokens.segments.new_zeros(len(visual))]
            start = place + 1
        pieces.append(embed(tokens.ids[start:]))
        embedded.append(torch.cat([piece.to(pieces[-1].dtype) for piece in pieces])[:longest])
        labelled.append(torch.cat([*labels, tokens.labels[start:]])[:longest])
        segmented.append(torch.cat([*segments, tokens.segments[start:]])[:longest])
    return Spliced(
        pad_sequence(embedded, batch_first=True),
        pad_sequence(labelled, batch_first=True, padding_value=IGNORED),
        pad_sequence(segmented, batch_first=True, padding_value=-1),
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
    conversations = [_on(example.tokens, device) for example in examples]
    spliced = splice(model.get_input_embeddings(), model.config.image_token_id, conversations, rows, longest)
    hidden = _hidden(model, spliced)
    targets = spliced.labels[:, 1:]
    learned = targets != IGNORED
    logits = model.lm_head(hidden[:, :-1][learned]).float()
    total = F.cross_entropy(logits, targets[learned], reduction="sum")
    return AnswerLoss(total, int(learned.sum()), sum(len(picture) for picture in rows), len(rows))


def _hidden(model: Any, spliced: Spliced) -> Tensor:
    """(batch, longest, width)"""
    segments = spliced.segments
    if bool((segments > 0).any()):  # turns apart
        mask, places = visible(segments), positions(segments)
    else:
        mask, places = (segments == 0).long(), None
    language = model.model.language_model
    return language(inputs_embeds=spliced.embeddings, attention_mask=mask, position_ids=places).last_hidden_state


def _on(tokens: Tokens, device: torch.device) -> Tokens:
    return Tokens(tokens.ids.to(device), tokens.labels.to(device), tokens.segments.to(device))
