"""Projector and language model: LLaVA's over Llama's layers, for training on many questions about a picture at once."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pocket_model.layers import Linear, RmsNorm, attend, heads_of, merge_heads, scores_of
from pocket_model.tower import WIDTH as VISION_WIDTH

WIDTH, DEPTH, HEADS, INNER = 256, 4, 4, 688
ROPE_BASE = 10000.0
LONGEST = 2048
"""Places that the model has."""


class SelfAttention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (Linear(WIDTH, WIDTH, bias=False) for _ in range(4))

    def project(self, rows: Tensor, turns: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """[B, N, WIDTH] -> query, key, value [B, HEADS, N, d], the first two turned by their positions"""
        query, key, value = (heads_of(part(rows), HEADS) for part in (self.q_proj, self.k_proj, self.v_proj))
        return turn(query, turns), turn(key, turns), value


class Mlp(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gate_proj, self.up_proj = (Linear(WIDTH, INNER, bias=False) for _ in range(2))
        self.down_proj = Linear(INNER, WIDTH, bias=False)

    def forward(self, rows: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(rows)) * self.up_proj(rows))


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.input_layernorm, self.post_attention_layernorm = RmsNorm(WIDTH), RmsNorm(WIDTH)
        self.self_attn, self.mlp = SelfAttention(), Mlp()

    def finish(self, rows: Tensor, attended: Tensor) -> Tensor:
        rows = rows + self.self_attn.o_proj(merge_heads(attended))
        return rows + self.mlp(self.post_attention_layernorm(rows))


class Projector(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear_1, self.linear_2 = Linear(VISION_WIDTH, WIDTH), Linear(WIDTH, WIDTH)

    def forward(self, features: Tensor) -> Tensor:
        return self.linear_2(F.gelu(self.linear_1(features)))


class LanguageModel(nn.Module):
    def __init__(self, vocabulary: int):
        super().__init__()
        self.projector = Projector()
        self.embed_tokens = nn.Embedding(vocabulary, WIDTH)
        self.layers = nn.ModuleList(Layer() for _ in range(DEPTH))
        self.norm = RmsNorm(WIDTH)
        self._start()

    def forward(
        self, features: Tensor, before: Tensor, places: Tensor, ids: Tensor, positions: Tensor, bias: Tensor,
        scored: bool = True,
    ) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        """Questions see the picture and themselves, never each other.

        features [B, n, VISION_WIDTH]; before [p]: ids in front of the picture; places [B, p + n]: positions of both; ids,
        positions [B, T]: the questions one after another; bias [B, 1, T, T] added to the scores among them. Positions turn
        queries and keys and need not be whole; what a row sees goes by order alone.
        -> final rows [B, T, WIDTH]; per layer the questions' attention scores [B, HEADS, T, p + n + T] and rows"""
        dtype = features.dtype
        picture = self.projector(features)
        prefix = F.embedding(before, self.embed_tokens.weight).to(dtype).expand(len(picture), -1, -1)
        context = torch.cat([prefix, picture], 1)
        rows = F.embedding(ids, self.embed_tokens.weight).to(dtype)
        count = context.shape[1]
        context_turns, row_turns = (tuple(part[:, None] for part in rotations(at)) for at in (places, positions))
        everywhere = F.pad(bias, (count, 0))
        all_scores, all_rows = [], []
        for layer in self.layers:
            attention = layer.self_attn
            c_query, c_key, c_value = attention.project(layer.input_layernorm(context), context_turns)
            query, key, value = attention.project(layer.input_layernorm(rows), row_turns)
            keys, values = torch.cat([c_key, key], 2), torch.cat([c_value, value], 2)
            if scored:
                scores = scores_of(query, keys)
                scores[..., count:] += bias
                rows = layer.finish(rows, torch.softmax(scores, -1) @ values)
                all_scores.append(scores)
                all_rows.append(rows)
            else:
                rows = layer.finish(rows, F.scaled_dot_product_attention(query, keys, values, attn_mask=everywhere))
            if layer is not self.layers[-1]:
                context = layer.finish(context, attend(c_query, c_key, c_value, causal=True))
        return self.norm(rows), all_scores, all_rows

    def logits(self, rows: Tensor) -> Tensor:
        return F.linear(rows, self.embed_tokens.weight.to(rows.dtype)).float()

    def matrices(self) -> list[nn.Parameter]:
        """What Muon trains."""
        return [weight for weight in self.layers.parameters() if weight.dim() == 2]

    def _start(self) -> None:
        nn.init.normal_(self.embed_tokens.weight, std=0.06)
        for name, weight in self.named_parameters():
            if weight.dim() == 2 and "embed" not in name:
                shrink = 0.3 if "o_proj" in name or "down_proj" in name else 1.0
                nn.init.normal_(weight, std=shrink * weight.shape[1] ** -0.5)
        for layer in self.layers:  # two heads begin by looking for what resembles them
            attention, half = layer.self_attn, WIDTH // 2
            mixed = 0.85 * attention.q_proj.weight[:half] + 0.4 * attention.k_proj.weight[:half]
            attention.k_proj.weight.data[:half] = mixed.detach()


def rotations(positions: Tensor) -> tuple[Tensor, Tensor]:
    """Cosine and sine [..., d] of Llama's rotary embedding."""
    half = WIDTH // HEADS // 2
    angles = positions.float()[..., None] * ROPE_BASE ** (-torch.arange(half).float() / half)
    angles = torch.cat([angles, angles], -1)
    return angles.cos(), angles.sin()


def turn(rows: Tensor, turns: tuple[Tensor, Tensor]) -> Tensor:
    """[B, HEADS, N, d]; in float32, since bfloat16 is too coarse for angles"""
    wide = rows.float()
    one, other = wide.chunk(2, -1)
    return (wide * turns[0] + torch.cat([-other, one], -1) * turns[1]).to(rows.dtype)
