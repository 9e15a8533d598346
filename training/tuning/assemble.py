"""A Hugging Face LLaVA checkpoint out of its three parts: what the paper's own fine-tuning starts from.

    python -m tuning.assemble --language-model vicuna-7b-v1.5 --vision-tower clip-vit-large-patch14-336 \\
        --projector mm_projector.bin --out vicuna-7b-stage-1

The paper redoes LLaVA's second stage on reduced tokens: its base is vicuna with the projector of the first stage. The
`<image>` token is added, with an embedding that is never read. Pictures are padded to a square, as LLaVA-1.5 does;
there is no chat template: tune with `--prompt vicuna_v1`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    CLIPImageProcessor,
    CLIPVisionModel,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaImageProcessor,
)

PROJECTOR = {"0": "linear_1", "2": "linear_2"}
"""Layers of LLaVA's nn.Sequential, in transformers' names"""


@torch.no_grad()
def assemble(language: str, tower: str, projector: Path, out: Path) -> None:
    language_model = AutoModelForCausalLM.from_pretrained(language, dtype="auto")
    vision_tower = CLIPVisionModel.from_pretrained(tower, dtype=language_model.dtype)
    tokenizer = AutoTokenizer.from_pretrained(language)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<image>"]})
    language_model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    config = LlavaConfig(
        vision_config=vision_tower.config,
        text_config=language_model.config,
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        image_seq_length=(vision_tower.config.image_size // vision_tower.config.patch_size) ** 2,
        vision_feature_layer=-2,
        vision_feature_select_strategy="default",
        tie_word_embeddings=language_model.config.tie_word_embeddings,
    )
    model = LlavaForConditionalGeneration(config).to(language_model.dtype)
    model.model.vision_tower.load_state_dict(vision_tower.state_dict())
    model.model.language_model.load_state_dict(language_model.model.state_dict())
    model.lm_head.load_state_dict(language_model.lm_head.state_dict())
    model.model.multi_modal_projector.load_state_dict(_projector(projector))
    model.generation_config = language_model.generation_config
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    _padding(CLIPImageProcessor.from_pretrained(tower)).save_pretrained(out)


def _projector(path: Path) -> dict[str, torch.Tensor]:
    """`...mm_projector.0.weight` and so on, under transformers' names."""
    found = {}
    for name, part in torch.load(path, map_location="cpu", weights_only=True).items():
        layer, kind = name.split(".")[-2:]
        found[f"{PROJECTOR[layer]}.{kind}"] = part
    return found


def _padding(tower: Any) -> Any:
    names = ("size", "crop_size", "resample", "rescale_factor", "image_mean", "image_std")
    return LlavaImageProcessor(do_pad=True, **{name: getattr(tower, name) for name in names})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language-model", required=True, help="folder or owner/name of a Llama model")
    parser.add_argument("--vision-tower", required=True, help="folder or owner/name of a CLIP vision model")
    parser.add_argument("--projector", type=Path, required=True, help="mm_projector.bin of LLaVA's first stage")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    assemble(options.language_model, options.vision_tower, options.projector, options.out)


if __name__ == "__main__":
    main()
