"""`python -m pocket_video.export`: the trained weights in the layout of Video-LLaVA's authors.

Transformers' port of Video-LLaVA has no attention across frames and no temporal embedding, by which this model tells frames
apart; the authors' layout has both. The attention is there with weights of nothing: it adds nothing."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from shutil import copyfile

import torch
from torch import Tensor

from common.replacing import replacing
from pocket_model import language, tower
from pocket_model.export import CHAT_TEMPLATE, parts_of
from pocket_model.stages import CLASS
from pocket_model.words import BEGIN, END, PAD, SPECIAL, load_tokenizer
from pocket_video.clip import FRAMES, SIDE
from pocket_video.train import STAGE
from pocket_video.watch import LONGEST, own_places
from pocket_world.scene import PATCH

IMAGE_TOWER, VIDEO_TOWER = "LanguageBind/LanguageBind_Image", "LanguageBind/LanguageBind_Video_merge"
"""Names by which the layout knows its towers; their settings lie in folders of these names."""


def export(run: Path, words: str, out: Path, dtype: torch.dtype = torch.float16, unfinished: bool = False) -> None:
    """Writes `out` whole: the checkpoint, and in it the settings of its towers."""
    if out.exists() and any(out.iterdir()) and not (out / "config.json").is_file():
        raise FileExistsError(f"{out}: holds no checkpoint that could be replaced (no config.json); give another --out")
    seen, read = parts_of(run, CLASS.name, unfinished)["tower"], parts_of(run, words, unfinished)["model"]
    code = torch.load(run / "frame-code.pt", weights_only=True)
    vocabulary = load_tokenizer(run / "tokenizer.json").get_vocab_size()
    weights = {f"model.image_tower.image_tower.{name}": part for name, part in tower_weights(seen).items()}
    weights |= {f"model.video_tower.video_tower.{name}": part for name, part in (tower_weights(seen) | temporal(code)).items()}
    weights |= language_weights(read)
    with replacing(out) as folder:
        folder.mkdir(parents=True, exist_ok=True)
        torch.save(_stored(weights, dtype), folder / "pytorch_model.bin")
        _write(folder / "config.json", _config(vocabulary))
        _write(folder / "tokenizer_config.json", _tokenizer_config())
        _write(folder / "generation_config.json", {"bos_token_id": BEGIN, "eos_token_id": END, "pad_token_id": PAD})
        (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE)
        copyfile(run / "tokenizer.json", folder / "tokenizer.json")
        for name, timed in ((IMAGE_TOWER, False), (VIDEO_TOWER, True)):
            _write(folder / name.split("/")[1] / "config.json", _tower_config(timed))


def _stored(weights: dict[str, Tensor], dtype: torch.dtype) -> dict[str, Tensor]:
    """The same, tensors of equal content as one: both towers are, and what adds nothing. torch's files hold such once."""
    known: dict[tuple, Tensor] = {}
    stored = {}
    for name, part in weights.items():
        part = part.to(dtype).contiguous()
        stored[name] = known.setdefault((tuple(part.shape), part.numpy().tobytes()), part)
    return stored


def tower_weights(seen: dict[str, Tensor]) -> dict[str, Tensor]:
    """A tower for frames out of one for pictures: positions are those of a picture's upper left part."""
    weights = dict(seen)
    table = weights["embeddings.position_embedding.weight"]
    weights["embeddings.position_embedding.weight"] = torch.cat([table[:1], table[1:][own_places()]])
    patches = weights["embeddings.patch_embedding.weight"]
    weights["embeddings.patch_embedding.weight"] = patches.reshape(-1, 3, PATCH, PATCH)
    return weights


def temporal(code: Tensor) -> dict[str, Tensor]:
    """Of every layer: the embedding, which is the frames' code in the last but one and nothing elsewhere, and an attention
    that adds nothing."""
    width = tower.WIDTH
    weights = {}
    for layer in range(tower.DEPTH):
        at = f"encoder.layers.{layer}."
        weights[f"{at}temporal_embedding"] = (code if layer == tower.DEPTH - 2 else torch.zeros_like(code))[None]
        weights[f"{at}temporal_layer_norm1.weight"] = torch.ones(width)
        weights[f"{at}temporal_layer_norm1.bias"] = torch.zeros(width)
        for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
            weights[f"{at}temporal_attn.{part}.weight"] = torch.zeros(width, width)
            weights[f"{at}temporal_attn.{part}.bias"] = torch.zeros(width)
    return weights


def language_weights(read: dict[str, Tensor]) -> dict[str, Tensor]:
    weights = {}
    for name, part in read.items():
        if name.startswith("projector.linear_"):
            _, linear, kind = name.split(".")
            weights[f"model.mm_projector.{0 if linear == 'linear_1' else 2}.{kind}"] = part
        else:
            weights[f"model.{name}"] = part
    return weights


def _config(vocabulary: int) -> dict:
    return {
        "model_type": "llava",
        "architectures": ["LlavaLlamaForCausalLM"],
        "bos_token_id": BEGIN,
        "eos_token_id": END,
        "pad_token_id": PAD,
        "hidden_act": "silu",
        "hidden_size": language.WIDTH,
        "intermediate_size": language.INNER,
        "num_hidden_layers": language.DEPTH,
        "num_attention_heads": language.HEADS,
        "num_key_value_heads": language.HEADS,
        "max_position_embeddings": LONGEST,
        "rms_norm_eps": 1e-5,
        "rope_theta": language.ROPE_BASE,
        "tie_word_embeddings": True,
        "vocab_size": vocabulary,
        "torch_dtype": "float16",
        "use_cache": True,
        "image_aspect_ratio": "square",
        "mm_image_tower": IMAGE_TOWER,
        "mm_video_tower": VIDEO_TOWER,
        "mm_hidden_size": tower.WIDTH,
        "mm_projector_type": "mlp2x_gelu",
        "mm_use_im_start_end": False,
        "mm_vision_select_feature": "patch",
        "mm_vision_select_layer": -2,
    }


def _tokenizer_config() -> dict:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "unk_token": SPECIAL[0],
        "bos_token": SPECIAL[BEGIN],
        "eos_token": SPECIAL[END],
        "pad_token": SPECIAL[PAD],
        "model_max_length": LONGEST,
        "clean_up_tokenization_spaces": False,
    }


def _tower_config(timed: bool) -> dict:
    vision = {
        "model_type": "clip_vision_model",
        "hidden_size": tower.WIDTH,
        "intermediate_size": 4 * tower.WIDTH,
        "num_hidden_layers": tower.DEPTH,
        "num_attention_heads": tower.HEADS,
        "image_size": SIDE,
        "patch_size": PATCH,
        "projection_dim": tower.WIDTH,
        "hidden_act": "quick_gelu",
        "layer_norm_eps": 1e-5,
        "num_frames": FRAMES if timed else 1,
        "add_time_attn": timed,
    }
    return {"vision_config": vision}


def _write(path: Path, content: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True, help="folder of the run")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint; replaced")
    parser.add_argument("--language", default=STAGE.name, help="stage that projector and language model are taken from")
    parser.add_argument("--unfinished", action="store_true", help="also a stage in training, as it was last saved")
    options = parser.parse_args()
    export(options.run, options.language, options.out, unfinished=options.unfinished)
    print(f"{(options.out / 'pytorch_model.bin').stat().st_size / 1e6:.1f} MB in {options.out}")


if __name__ == "__main__":
    main()
