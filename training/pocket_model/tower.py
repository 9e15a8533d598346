"""The vision tower: CLIP's, with the names of its weights in Hugging Face's CLIPVisionModel."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pocket_model.layers import LayerNorm, Linear, attend, heads_of, merge_heads, scores_of
from pocket_world.scene import GRID, PATCH

WIDTH, DEPTH, HEADS = 192, 6, 3
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_DEVIATION = (0.26862954, 0.26130258, 0.27577711)
_QUICK_GELU = 1.702


class Attention(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (Linear(width, width) for _ in range(4))

    def forward(self, queries: Tensor, rows: Tensor) -> Tensor:
        query, key, value = (
            heads_of(projection(x), self.heads)
            for projection, x in ((self.q_proj, queries), (self.k_proj, rows), (self.v_proj, rows))
        )
        return self.out_proj(merge_heads(attend(query, key, value)))


class Mlp(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.fc1, self.fc2 = Linear(width, 4 * width), Linear(4 * width, width)

    def forward(self, rows: Tensor) -> Tensor:
        """quick_gelu(x) = x sigmoid(1.702 x) = silu(1.702 x) / 1.702: one pass over the large tensor, the factors on the
        weights."""
        dtype = rows.dtype
        inner = F.linear(rows, (self.fc1.weight * _QUICK_GELU).to(dtype), (self.fc1.bias * _QUICK_GELU).to(dtype))
        return F.linear(F.silu(inner), (self.fc2.weight / _QUICK_GELU).to(dtype), self.fc2.bias.to(dtype))


class Layer(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.layer_norm1, self.layer_norm2 = LayerNorm(width), LayerNorm(width)
        self.self_attn, self.mlp = Attention(width, heads), Mlp(width)

    def forward(self, rows: Tensor, class_only: bool = False) -> Tensor:
        normed = self.layer_norm1(rows)
        if class_only:
            rows = rows[:, :1]
        rows = rows + self.self_attn(normed[:, :1] if class_only else normed, normed)
        return rows + self.mlp(self.layer_norm2(rows))


class Tower(nn.Module):
    """Patches -> what the language model gets (patch rows of the last layer but one) and the class token's last row."""

    def __init__(self, width: int = WIDTH, depth: int = DEPTH, heads: int = HEADS):
        super().__init__()
        self.embeddings = nn.Module()
        self.embeddings.class_embedding = nn.Parameter(torch.randn(width) * 0.02)
        self.embeddings.patch_embedding = nn.Linear(3 * PATCH * PATCH, width, bias=False)
        self.embeddings.position_embedding = nn.Embedding(GRID * GRID + 1, width)
        self.pre_layrnorm = LayerNorm(width)
        self.encoder = nn.Module()
        self.encoder.layers = nn.ModuleList(Layer(width, heads) for _ in range(depth))
        self.post_layernorm = LayerNorm(width)
        self._start()
        per_pixel = PATCH * PATCH
        self.register_buffer("mean", 255 * torch.tensor(CLIP_MEAN).repeat_interleave(per_pixel), persistent=False)
        self.register_buffer("scale", 1 / (255 * torch.tensor(CLIP_DEVIATION).repeat_interleave(per_pixel)), persistent=False)

    def forward(self, pixels: Tensor, places: Tensor | None, dtype: torch.dtype, last: bool = True) -> tuple[Tensor, Tensor | None]:
        """uint8 [B, n, 588] and the patches' places [B, n] (None: all 576) -> [B, n, width], [B, width] float32"""
        rows = self.before_last(pixels, places, dtype)
        return rows[:, 1:], self.class_row(rows) if last else None

    def before_last(
        self, pixels: Tensor, places: Tensor | None, dtype: torch.dtype, code: Tensor | None = None
    ) -> Tensor:
        """Rows of the class token and the patches as they enter the last layer: [B, 1 + n, width]. `code` [B, width] is added
        to all rows of a picture before the layer before that one."""
        table = self.embeddings.position_embedding.weight
        normal = ((pixels.float() - self.mean) * self.scale).to(dtype)
        patches = F.linear(normal, self.embeddings.patch_embedding.weight.to(dtype))
        patches = patches + (table[1:] if places is None else F.embedding(places + 1, table)).to(dtype)
        class_row = (self.embeddings.class_embedding + table[0]).to(dtype).expand(len(pixels), 1, -1)
        rows = self.pre_layrnorm(torch.cat([class_row, patches], 1))
        for layer in self.encoder.layers[:-2]:
            rows = layer(rows)
        return self.encoder.layers[-2](rows if code is None else rows + code[:, None].to(dtype))

    def class_row(self, rows: Tensor) -> Tensor:
        """The class token's row after the last layer: [B, width] float32"""
        return self.post_layernorm(self.encoder.layers[-1](rows, class_only=True)[:, 0]).float()

    def class_query_and_keys(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """The last layer's query of the class token [B, width] and keys of all rows [B, 1 + n, width]"""
        last = self.encoder.layers[-1]
        normed = last.layer_norm1(rows)
        return last.self_attn.q_proj(normed[:, 0]), last.self_attn.k_proj(normed)

    def class_scores(self, rows: Tensor) -> Tensor:
        """The class token's attention scores in the last layer: [B, heads, n] float32"""
        query, keys = self.class_query_and_keys(rows)
        heads = self.encoder.layers[-1].self_attn.heads
        return scores_of(heads_of(query[:, None], heads), heads_of(keys[:, 1:], heads))[:, :, 0].float()

    def matrices(self) -> list[nn.Parameter]:
        """What Muon trains."""
        return [weight for weight in self.encoder.parameters() if weight.dim() == 2]

    def _start(self) -> None:
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                shrink = 0.5 if "out_proj" in name or "fc2" in name else 1.0
                nn.init.normal_(weight, std=0.02 if "position" in name else shrink * weight.shape[1] ** -0.5)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)
        self.embeddings.position_embedding.weight.data[1:] = 0.3 * sine_table(self.pre_layrnorm.weight.shape[0])


def sine_table(width: int) -> Tensor:
    """[576, width]: a smooth start for the positions, half of it for the row, half for the column."""
    rates = torch.exp(torch.linspace(0, math.log(0.05), width // 4))
    steps = torch.arange(GRID).float()[:, None] * rates
    line = torch.cat([steps.sin(), steps.cos()], 1)
    rows = line[:, None].expand(-1, GRID, -1)
    return torch.cat([rows, rows.transpose(0, 1)], 2).reshape(GRID * GRID, width)
