"""transformers' own LlavaForConditionalGeneration: float32, all visual tokens, greedy `generate`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from evaluation.engine import Answerer
from evaluation.node import Asked
from tuning.processor import Processor

ROWS = 8
"""Prompts of one length at once: nothing is padded"""


@dataclass(frozen=True)
class Truth:
    tokens: list[int]
    """Without the end token"""
    gaps: list[float]
    """Best less second best logit of each step, that of the end token too"""

    def parting(self, tokenizer: Any, other: str) -> float:
        """The gap of the first step at which another answer goes another way."""
        for step, gap in enumerate(self.gaps):
            begun = tokenizer.decode(self.tokens[: step + 1], skip_special_tokens=True).lstrip()
            # A token may end within a character, which decodes to a sign of its own.
            if step >= len(self.tokens) or not other.startswith(begun.rstrip("\ufffd").rstrip()):
                return gap
        return self.gaps[-1]

    def text(self, tokenizer: Any) -> str:
        return tokenizer.decode(self.tokens, skip_special_tokens=True).strip()


def answer_all(answerer: Answerer, processor: Processor, asked: list[Asked]) -> Iterator[list[tuple[Asked, Truth]]]:
    """In batches, as they come. `answerer` gives the model and the prompts."""
    prompts = [(answerer.ids(question.text, question.picture is not None), question) for question in asked]
    prompts.sort(key=lambda pair: (pair[1].picture is None, pair[1].limit, len(pair[0])))
    for _, group in groupby(prompts, key=lambda pair: (pair[1].picture is None, pair[1].limit, len(pair[0]))):
        alike = list(group)
        for start in range(0, len(alike), ROWS):
            yield _answer(answerer, processor, alike[start : start + ROWS])


@torch.inference_mode()
def _answer(
    answerer: Answerer, processor: Processor, batch: list[tuple[list[int], Asked]]
) -> list[tuple[Asked, Truth]]:
    model, ends = answerer.model, set(answerer.ends.tolist())
    patches = _patches(model)
    ids = torch.tensor([_expanded(prompt, answerer.image_id, patches) for prompt, _ in batch])
    pictures = [question.picture for _, question in batch if question.picture is not None]
    pixels = [processor.pixels(Image.open(picture.path)) for picture in pictures]
    run = model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        **({"pixel_values": torch.stack(pixels)} if pixels else {}),
        max_new_tokens=batch[0][1].limit,
        do_sample=False,
        output_logits=True,
        return_dict_in_generate=True,
        pad_token_id=min(ends),
    )
    new = run.sequences[:, ids.shape[1] :].tolist()
    gaps = torch.stack([_gaps(logits) for logits in run.logits], 1).tolist()
    found = []
    for (_, question), tokens, own in zip(batch, new, gaps, strict=True):
        length = next((step for step, token in enumerate(tokens) if token in ends), len(tokens))
        found.append((question, Truth(tokens[:length], own[: min(length + 1, len(tokens))])))
    return found


def _gaps(logits: Tensor) -> Tensor:
    best = logits.float().topk(2, dim=-1).values
    return best[:, 0] - best[:, 1]


def _expanded(ids: list[int], image_id: int, patches: int) -> list[int]:
    """One image id for each visual token, as transformers wants it."""
    return [token for own in ids for token in [own] * (patches if own == image_id else 1)]


def _patches(model: Any) -> int:
    vision = model.config.vision_config
    whole = (vision.image_size // vision.patch_size) ** 2
    has_class = vision.model_type == "clip_vision_model" and model.config.vision_feature_select_strategy == "full"
    return whole + has_class
