"""What stands before the model: tokenizer, image processor, end tokens."""

from __future__ import annotations

from typing import Any

import torch
from PIL import Image
from torch import Tensor
from transformers import AutoImageProcessor, AutoTokenizer


class Processor:
    """Of a LLaVA checkpoint. `aspect` overrides how pictures become square: `crop` or `pad`."""

    def __init__(self, source: str, model_config: Any, end_ids: list[int], aspect: str | None = None):
        self.tokenizer = AutoTokenizer.from_pretrained(source, use_fast=True)
        if not self.tokenizer.is_fast:
            raise ValueError(f"{source}: a tokenizer that tells no character offsets; add a tokenizer.json")
        self.image = AutoImageProcessor.from_pretrained(source)
        own = bool(getattr(self.image, "do_pad", False))
        self.pads = own if aspect is None else aspect == "pad"
        if hasattr(self.image, "do_pad"):
            self.image.do_pad = False
        self.image_id = int(model_config.image_token_id)
        self.ends = list(self.tokenizer.convert_ids_to_tokens(end_ids))

    def pixels(self, picture: Image.Image) -> Tensor:
        """(3, side, side)"""
        picture = picture.convert("RGB")
        if self.pads:
            picture = padded(picture, self.image.image_mean)
        values = self.image(picture, return_tensors="np")["pixel_values"][0]
        return torch.from_numpy(values)


def end_ids(model: Any) -> list[int]:
    """Ids that end an answer."""
    ends = model.generation_config.eos_token_id
    ends = model.config.text_config.eos_token_id if ends is None else ends
    return [ends] if isinstance(ends, int) else list(ends)


def padded(picture: Image.Image, mean: list[float]) -> Image.Image:
    """A square of the longer side, filled with the mean colour, the picture in its middle (LLaVA's expand2square)."""
    width, height = picture.size
    if width == height:
        return picture
    side = max(width, height)
    square = Image.new("RGB", (side, side), tuple(int(part * 255) for part in mean))
    square.paste(picture, ((side - width) // 2, (side - height) // 2))
    return square
