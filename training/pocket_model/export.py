"""`python -m pocket_model.export`: the trained weights as a Hugging Face LLaVA checkpoint."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor
from transformers import (
    CLIPImageProcessor,
    CLIPVisionConfig,
    GenerationConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
)

from common.replacing import replacing
from pocket_model import language, tower
from pocket_model.words import BEGIN, END, IMAGE, PAD, SPECIAL
from pocket_world.scene import GRID, PATCH, SIDE

CHAT_TEMPLATE = (
    "{% for message in messages %}{{ message['role'].upper() + ': ' }}"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for c in message['content'] if c['type'] == 'image' %}{{ '<image>\\n' }}{% endfor %}"
    "{% for c in message['content'] if c['type'] == 'text' %}{{ c['text'] }}{% endfor %}{% endif %}"
    "{{ ' ' if message['role'] == 'user' else '</s>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}"
)


def export(
    run: Path, vision: str, words: str, out: Path, dtype: torch.dtype = torch.float16, unfinished: bool = False
) -> LlavaForConditionalGeneration:
    """Writes the checkpoint of a run's two stages as the folder `out`, in place of an earlier one. `unfinished`: of stages that
    are not, the last save."""
    if out.exists() and any(out.iterdir()) and not (out / "config.json").is_file():
        raise FileExistsError(f"{out}: holds no checkpoint that could be replaced (no config.json); give another --out")
    seen, read = (parts_of(run, stage, unfinished) for stage in (vision, words))
    tokenizer = _tokenizer(run / "tokenizer.json")
    model = LlavaForConditionalGeneration(_config(len(tokenizer)))
    model.load_state_dict(_renamed(model, seen["tower"], read["model"]))
    model.tie_weights()
    model = model.to(dtype)
    model.generation_config = GenerationConfig(
        bos_token_id=BEGIN, eos_token_id=END, pad_token_id=PAD, max_new_tokens=64, do_sample=False
    )
    with replacing(out) as folder:
        model.save_pretrained(folder)
        _processor(tokenizer).save_pretrained(folder)
        _image_processor().save_pretrained(folder)
    return model


def parts_of(run: Path, stage: str, unfinished: bool) -> dict[str, dict[str, Tensor]]:
    done, last = run / f"{stage}.done.pt", run / f"{stage}.pt"
    if done.exists():
        return torch.load(done, weights_only=True)["parts"]
    if not last.exists():
        raise FileNotFoundError(f"expected {done}, found nothing of this stage; train it, or name another one")
    state = torch.load(last, weights_only=True)
    if not unfinished:
        raise FileNotFoundError(
            f"expected {done}, found the stage unfinished, at step {state['step']}; train it to its end, or give --unfinished"
        )
    print(f"{stage} is unfinished: the weights of step {state['step']}")
    return state["parts"]


def _config(vocabulary: int) -> LlavaConfig:
    vision = CLIPVisionConfig(
        hidden_size=tower.WIDTH,
        intermediate_size=4 * tower.WIDTH,
        num_hidden_layers=tower.DEPTH,
        num_attention_heads=tower.HEADS,
        image_size=SIDE,
        patch_size=PATCH,
        projection_dim=tower.WIDTH,
        hidden_act="quick_gelu",
    )
    text = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=language.WIDTH,
        intermediate_size=language.INNER,
        num_hidden_layers=language.DEPTH,
        num_attention_heads=language.HEADS,
        num_key_value_heads=language.HEADS,
        head_dim=language.WIDTH // language.HEADS,
        max_position_embeddings=language.LONGEST,
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
        bos_token_id=BEGIN,
        eos_token_id=END,
        pad_token_id=PAD,
    )
    return LlavaConfig(
        vision_config=vision.to_dict(),
        text_config=text.to_dict(),
        image_token_index=IMAGE,
        image_token_id=IMAGE,
        projector_hidden_act="gelu",
        vision_feature_layer=-2,
        vision_feature_select_strategy="default",
        image_seq_length=GRID * GRID,
        multimodal_projector_bias=True,
        tie_word_embeddings=True,
    )


def _renamed(model: LlavaForConditionalGeneration, vision: dict[str, Tensor], words: dict[str, Tensor]) -> dict[str, Tensor]:
    """Our weights under transformers' names; refuses a shape that differs."""
    renamed = {}
    for name, empty in model.state_dict().items():
        if "vision_tower" in name:
            weight = vision[name.split("vision_tower.")[1].removeprefix("vision_model.")]
        elif "multi_modal_projector" in name:
            weight = words["projector." + name.split("multi_modal_projector.")[1]]
        elif "lm_head" in name or "embed_tokens" in name:
            weight = words["embed_tokens.weight"]
        else:
            weight = words[name.split("language_model.")[1].removeprefix("model.")]
        if "patch_embedding" in name:
            weight = weight.reshape(empty.shape)
        if weight.shape != empty.shape:
            raise ValueError(f"{name}: expected {tuple(empty.shape)}, found {tuple(weight.shape)}")
        renamed[name] = weight
    return renamed


def _tokenizer(path: Path) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(
        tokenizer_file=str(path),
        unk_token=SPECIAL[0],
        bos_token=SPECIAL[BEGIN],
        eos_token=SPECIAL[END],
        pad_token=SPECIAL[PAD],
        padding_side="left",
        extra_special_tokens={"image_token": SPECIAL[IMAGE]},
        model_max_length=language.LONGEST,
        clean_up_tokenization_spaces=False,
    )


def _image_processor() -> CLIPImageProcessor:
    return CLIPImageProcessor(
        size={"shortest_edge": SIDE},
        crop_size={"height": SIDE, "width": SIDE},
        resample=3,
        do_center_crop=True,
        do_resize=True,
        do_rescale=True,
        do_normalize=True,
        do_convert_rgb=True,
    )


def _processor(tokenizer: PreTrainedTokenizerFast) -> LlavaProcessor:
    return LlavaProcessor(
        _image_processor(),
        tokenizer,
        patch_size=PATCH,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        image_token=SPECIAL[IMAGE],
        chat_template=CHAT_TEMPLATE,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of the run")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint; replaced")
    parser.add_argument("--vision", default="vision-class", help="stage that the tower is taken from")
    parser.add_argument("--language", default="language-positions", help="stage that projector and language model are taken from")
    parser.add_argument("--dtype", choices=("float16", "float32"), default="float16")
    parser.add_argument("--unfinished", action="store_true", help="also stages in training, as they were last saved")
    options = parser.parse_args()
    dtype = getattr(torch, options.dtype)
    model = export(options.run, options.vision, options.language, options.out, dtype, options.unfinished)
    print(f"{sum(weight.numel() for weight in model.parameters()) / 1e6:.2f} M parameters in {options.out}")


if __name__ == "__main__":
    main()
