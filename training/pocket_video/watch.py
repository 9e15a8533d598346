"""The language model on the frames of a clip: pocket-llava's, over Video-LLaVA's rows."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from pocket_model.language import LanguageModel, rotations
from pocket_model.layers import attend, scores_of
from pocket_model.tower import Tower
from pocket_video.clip import FRAMES, GRID
from pocket_world.scene import GRID as WIDE

ROWS = GRID * GRID + 1
"""Of a frame: its class token, then its patches. Video-LLaVA keeps the first of videos."""
LONGEST = 4096
"""Places that the model has: 8 frames take 2,056."""


def own_places() -> Tensor:
    """[GRID * GRID]: which of the 576 places of a picture the patches of a frame have: its upper left part. A smaller
    picture is a part of a larger one to a tower that was trained on parts, too."""
    return (torch.arange(GRID)[:, None] * WIDE + torch.arange(GRID)).flatten()


@torch.no_grad()
def see(
    tower: Tower, code: Tensor, pixels: Tensor, chosen: Tensor | None, dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    """uint8 [B, FRAMES, n, 588], which patches they are [B, FRAMES, n] (None: all) and the frames' code -> rows
    [B, FRAMES * (1 + n), width], and their places among the 2,056 [B, FRAMES * (1 + n)]"""
    clips, frames, count = pixels.shape[:3]
    chosen = torch.arange(GRID * GRID).expand(clips, frames, -1) if chosen is None else chosen
    rows = tower.before_last(pixels.flatten(0, 1), own_places()[chosen].flatten(0, 1), dtype, code.repeat(clips, 1))
    starts = torch.arange(frames)[None, :, None] * ROWS
    places = torch.cat([starts.expand(clips, -1, -1), starts + 1 + chosen], 2)
    return rows.unflatten(0, (clips, frames)).flatten(1, 2), places.flatten(1)


def watch(
    model: LanguageModel, seen: Tensor, places: Tensor, before: Tensor, ids: Tensor, positions: Tensor, bias: Tensor
) -> tuple[Tensor, list[Tensor], list[Tensor], Tensor]:
    """Questions see the frames and themselves, never each other. As LanguageModel.forward, and the frames' rows after the
    first layer.

    seen [B, n, VISION_WIDTH]; places [B, n] of the rows, from 0 behind `before` [p]; ids, positions [B, T]; bias [B, 1, T, T]"""
    dtype = seen.dtype
    clips = len(seen)
    prefix = F.embedding(before, model.embed_tokens.weight).to(dtype).expand(clips, -1, -1)
    context = torch.cat([prefix, model.projector(seen)], 1)
    at = torch.cat([torch.arange(len(before)).expand(clips, -1), len(before) + places], 1)
    rows = F.embedding(ids, model.embed_tokens.weight).to(dtype)
    count = context.shape[1]
    context_turns, row_turns = (tuple(part[:, None] for part in rotations(where)) for where in (at, positions))
    all_scores, all_rows, early = [], [], context
    for depth, layer in enumerate(model.layers):
        attention = layer.self_attn
        c_query, c_key, c_value = attention.project(layer.input_layernorm(context), context_turns)
        query, key, value = attention.project(layer.input_layernorm(rows), row_turns)
        keys, values = torch.cat([c_key, key], 2), torch.cat([c_value, value], 2)
        scores = scores_of(query, keys)
        scores[..., count:] += bias
        rows = layer.finish(rows, torch.softmax(scores, -1) @ values)
        all_scores.append(scores)
        all_rows.append(rows)
        if layer is not model.layers[-1]:
            context = layer.finish(context, attend(c_query, c_key, c_value, causal=True))
        if depth == 0:
            early = context[:, len(before) :]
    return model.norm(rows), all_scores, all_rows, early


def clip_frames(places: Tensor) -> Tensor:
    """The frame of each row."""
    return (places // ROWS).clamp(max=FRAMES - 1)
