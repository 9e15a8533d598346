"""Forward runs against the official program: vicuna, tower, projector and LoRA adapter put together."""

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[train]'")
pytest.importorskip("transformers", reason="transformers is not installed: pip install -e '.[train]'")

from PIL import Image  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402
from transformers import LlavaForConditionalGeneration  # noqa: E402

from reduction.methods import method  # noqa: E402
from tuning.adapter import CONFIG, OTHERS, WEIGHTS, merge_adapter  # noqa: E402
from tuning.assemble import PROJECTOR, assemble  # noqa: E402
from tuning.conversations import turns_of, vicuna_v1  # noqa: E402
from tuning.loss import splice  # noqa: E402
from tuning.packing import Tokens  # noqa: E402
from tuning.processor import Processor  # noqa: E402
from tuning.sight import reduce, see  # noqa: E402

GOLDENS = Path(__file__).parents[2] / "test/fixtures/goldens/lora"
PARTS = GOLDENS / "lora-a"
CASES = [case for case in json.loads((GOLDENS / "manifest.json").read_text())["cases"] if case["name"][:6] == "lora-a"]
RECORDED = load_file(GOLDENS / "lora-a.tensors.safetensors")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """Base, tower and the adapter's projector, which stands in for the first stage's."""
    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("official") / "assembled"
    assemble(str(PARTS / "tiny-vicuna"), str(PARTS / "tiny-clip-24L"), PARTS / "llava-tiny-lora" / OTHERS, out)
    return out


@pytest.fixture(scope="module")
def model(checkpoint, tmp_path_factory):
    """The recorded adapter merged into the assembled checkpoint, after its names."""
    folder = tmp_path_factory.mktemp("renamed")
    official = PARTS / "llava-tiny-lora"
    weights = load_file(official / WEIGHTS)
    renamed = {name.replace("model.layers", "model.language_model.layers"): part for name, part in weights.items()}
    save_file(renamed, folder / WEIGHTS)
    (folder / CONFIG).write_text((official / CONFIG).read_text())
    others = torch.load(official / OTHERS, weights_only=True)
    own = {
        name.replace(f"mm_projector.{number}", f"multi_modal_projector.{layer}"): part
        for number, layer in PROJECTOR.items()
        for name, part in others.items()
        if f"mm_projector.{number}" in name
    }
    torch.save(own, folder / OTHERS)
    model = LlavaForConditionalGeneration.from_pretrained(checkpoint, dtype=torch.float32).eval()
    merge_adapter(model, folder)
    return model


def test_merged_weights(model):
    names = [name for name in RECORDED if name.startswith("merged.")]
    state = model.state_dict()
    assert names
    for name in names:
        own = name.removeprefix("merged.").removeprefix("model.").replace("layers", "model.language_model.layers", 1)
        torch.testing.assert_close(state[own], RECORDED[name], rtol=0, atol=1e-6)


@torch.no_grad()
def test_pictures_are_padded_and_resized_alike(checkpoint, model):
    processor = Processor(str(checkpoint), model.config, [2])
    found = processor.pixels(Image.open(GOLDENS / "lora-a.png"))
    torch.testing.assert_close(found, RECORDED["pixel_values"][0], rtol=0, atol=1e-5)


def test_prompt_as_recorded(checkpoint, model):
    """The ids before the picture; after it the original tokenizes each piece by itself, transformers the whole."""
    inputs = CASES[0]["inputs"]
    turns = turns_of(
        {
            "image": "a.png",
            "conversations": [
                {"from": "human", "value": f"<image>\n{inputs['question']}"},
                {"from": "gpt", "value": "x"},
            ],
        }
    )
    text = vicuna_v1(turns).text
    assert text == inputs["prompt"] + " x</s>"
    tokenizer = Processor(str(checkpoint), model.config, [2]).tokenizer
    ids = tokenizer(text)["input_ids"]
    before = inputs["prompt_chunk_ids_slow_tokenizer"][0]
    assert ids[: len(before)] == before and ids[len(before)] == model.config.image_token_id


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
@torch.no_grad()
def test_logits(case, model):
    name = case["name"].removeprefix("lora-a-")
    seen = see(model, RECORDED["pixel_values"])
    own = {"full": "none", "prumerge": "prumerge", "prumerge-plus": "prumerge+"}[name]
    rows, counts = reduce(seen, method(own))
    assert int(counts[0]) == case["expected"]["visual_tokens"]
    projected = model.model.multi_modal_projector(rows)[0]
    torch.testing.assert_close(projected, RECORDED[f"{name}.projected"], rtol=0, atol=1e-4)
    ids = RECORDED["input_ids"][0].long()
    ids[ids == -200] = model.config.image_token_id
    tokens = Tokens(ids, ids, torch.zeros_like(ids))
    spliced = splice(model.get_input_embeddings(), model.config.image_token_id, [tokens], [projected], 2048)
    assert spliced.embeddings.shape[1] == case["expected"]["sequence_length"]
    hidden = model.model.language_model(inputs_embeds=spliced.embeddings).last_hidden_state
    logits = model.lm_head(hidden[0, -48:])[:, : RECORDED[f"{name}.logits"].shape[1]]
    torch.testing.assert_close(logits, RECORDED[f"{name}.logits"], rtol=0, atol=1e-3)
