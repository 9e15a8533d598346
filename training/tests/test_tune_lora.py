"""One pass on a tiny checkpoint with LLaVA-format data on disk, end to end: train, be cut off, save, load, convert."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typescript import ask, prumerge

torch = pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[train]'")
pytest.importorskip("transformers", reason="transformers is not installed: pip install -e '.[train]'")

from PIL import Image  # noqa: E402
from safetensors.torch import load_file  # noqa: E402
from tiny_llava import write_checkpoint, write_data  # noqa: E402
from transformers import LlavaForConditionalGeneration  # noqa: E402

from reduction.methods import method  # noqa: E402
from tuning.adapter import CONFIG, OTHERS, WEIGHTS, merge_adapter  # noqa: E402
from tuning.checkpoint import NAME  # noqa: E402
from tuning.loss import splice  # noqa: E402
from tuning.packing import Tokens  # noqa: E402
from tuning.processor import Processor  # noqa: E402
from tuning.settings import parse  # noqa: E402
from tuning.sight import reduce, see  # noqa: E402
from tuning.train import tune  # noqa: E402

TRAINING = Path(__file__).parents[1]
REDUCE = "prumerge+:fixed,prumerge"


def arguments(folder, out, *more):
    return [
        *("--model", str(folder / "base"), "--data", str(folder / "data.json"), "--images", str(folder / "images")),
        *("--out", str(folder / out), "--reduce", REDUCE, "--rank", "4", "--alpha", "8", "--batch", "4"),
        *("--rate", "0.02", "--projector-rate", "0.01", "--micro-batch", "3", "--workers", "0", *more),
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Base, data, and `whole`: the adapter of an undisturbed run."""
    folder = tmp_path_factory.mktemp("tune")
    write_checkpoint(folder / "base")
    write_data(folder)
    tune(parse(arguments(folder, "whole")))
    return folder


def weights(folder, out):
    return load_file(folder / out / WEIGHTS) | torch.load(folder / out / OTHERS, weights_only=True)


def assert_close(found, expected, **tolerance):
    assert found.keys() == expected.keys()
    for name in found:
        torch.testing.assert_close(found[name], expected[name], msg=name, **tolerance)


def load(folder, adapter=None):
    model = LlavaForConditionalGeneration.from_pretrained(folder / "base", dtype=torch.float32).eval()
    if adapter is not None:
        merge_adapter(model, folder / adapter)
    return model


def test_files_are_those_of_peft_and_llava(folder):
    assert sorted(path.name for path in (folder / "whole").iterdir()) == sorted([CONFIG, WEIGHTS, OTHERS, "log.jsonl"])
    found = load_file(folder / "whole" / WEIGHTS)
    query = "base_model.model.model.language_model.layers.1.self_attn.q_proj"
    assert found[f"{query}.lora_A.weight"].shape == (4, 48) and found[f"{query}.lora_B.weight"].shape == (48, 4)
    assert len(found) == 2 * 2 * 7
    config = json.loads((folder / "whole" / CONFIG).read_text())
    assert (config["r"], config["lora_alpha"], config["base_model_name_or_path"]) == (4, 8, "base")
    log = [json.loads(line) for line in (folder / "whole/log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in log] == [0, 1, 2]
    assert [line["reduce"] for line in log] == ["prumerge+:fixed", "prumerge", "prumerge+:fixed"]


def test_a_run_that_is_cut_off_ends_with_the_same_weights(folder):
    tune(parse(arguments(folder, "cut", "--stop-after", "1")))
    assert not (folder / "cut" / CONFIG).exists()
    (folder / "cut" / f"{NAME}.part").write_bytes(b"torn")
    with (folder / "cut/log.jsonl").open("a") as log:
        log.write('{"step": 1, "loss"')
    with pytest.raises(ValueError, match=r"other settings \(alpha\)"):
        tune(parse(arguments(folder, "cut", "--alpha", "9")))
    with pytest.raises(ValueError, match=r"other settings \(micro_batch\)"):
        tune(parse(arguments(folder, "cut", "--micro-batch", "2")))
    tune(parse(arguments(folder, "cut", "--stop-after", "1")))
    tune(parse(arguments(folder, "cut", "--workers", "1")))
    assert_close(weights(folder, "cut"), weights(folder, "whole"), rtol=0, atol=0)
    assert len((folder / "cut/log.jsonl").read_text().splitlines()) == 3
    with pytest.raises(FileExistsError, match="finished"):
        tune(parse(arguments(folder, "cut")))


def test_dropout_makes_the_shape_of_the_forward_runs_decide(folder):
    def deciding(dropout, micro_batch, processes):
        settings = parse(arguments(folder, "any", "--dropout", dropout, "--micro-batch", micro_batch))
        return settings.deciding(processes)

    assert deciding("0.05", "3", 1) not in (deciding("0.05", "3", 2), deciding("0.05", "2", 1))
    assert deciding("0", "3", 1) == deciding("0", "2", 2)


def test_two_processes_train_what_one_does(folder):
    """Without dropout, which is drawn for each process."""
    tune(parse(arguments(folder, "one", "--dropout", "0", "--micro-batch", "2")))
    command = [*("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "tune_lora.py")]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    subprocess.run(
        [sys.executable, *command, *arguments(folder, "two", "--dropout", "0", "--micro-batch", "2")],
        cwd=TRAINING, env=environment, check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    assert_close(weights(folder, "two"), weights(folder, "one"), rtol=1e-3, atol=1e-5)


def test_training_moves_every_pair_and_the_projector(folder):
    found = weights(folder, "whole")
    assert all(part.any() for name, part in found.items() if "lora_B" in name)
    before = load(folder).model.multi_modal_projector.state_dict()
    for name, part in before.items():
        assert not torch.equal(found[f"base_model.model.model.multi_modal_projector.{name}"], part)


def test_peft_loads_it(folder):
    peft = pytest.importorskip("peft", reason="peft is not installed: pip install -e '.[peft]'")
    model = peft.PeftModel.from_pretrained(load(folder), folder / "whole").merge_and_unload()
    others = torch.load(folder / "whole" / OTHERS, weights_only=True)
    model.load_state_dict({name.removeprefix("base_model.model."): part for name, part in others.items()}, strict=False)
    assert_close(model.state_dict(), load(folder, "whole").state_dict(), rtol=1e-5, atol=1e-6)


def answer(model, folder, picture, prompt, name, count):
    """Greedy tokens and the logits that they were chosen from."""
    processor = Processor(str(folder / "base"), model.config, [2])
    rows, counts = reduce(see(model, processor.pixels(Image.open(picture))[None]), method(name))
    rows = model.model.multi_modal_projector(rows)[0, : counts[0]]
    ids = torch.tensor(processor.tokenizer(prompt)["input_ids"])
    tokens, logits = [], []
    for _ in range(count):
        asked = torch.cat([ids, torch.tensor(tokens, dtype=torch.long)])
        whole = Tokens(asked, asked, torch.zeros_like(asked))
        embeddings = splice(model.get_input_embeddings(), processor.image_id, [whole], [rows], 512).embeddings
        hidden = model.model.language_model(inputs_embeds=embeddings).last_hidden_state
        logits.append(model.lm_head(hidden[0, -1]))
        tokens.append(int(logits[-1].argmax()))
    return tokens, torch.stack(logits), len(rows)


@torch.no_grad()
def test_converted_with_its_adapter_it_answers_alike(folder):
    picture = folder / "square.png"
    Image.open(folder / "images/0.jpg").convert("RGB").resize((112, 112)).save(picture)
    prumerge("convert", folder / "base", folder / "converted", "--dtype", "fp32", "--lora", folder / "whole", "-q")
    model = load(folder, "whole")
    prompt = "USER: <image>\nWhat color is it? ASSISTANT:"
    for name, own, options in (("none", "none", {}), ("prumerge", "prumerge", {}), ("prumerge+:20", "prumerge+", 20)):
        found = ask(
            "logits.mjs",
            {
                "folder": str(folder / "converted"),
                "picture": str(picture),
                "prompt": prompt,
                "method": own,
                "options": {"tokens": options} if options else {},
                "count": 4,
            },
        )
        tokens, logits, rows = answer(model, folder, picture, prompt, name, 4)
        assert found["visualTokens"] == rows
        assert found["tokens"] == tokens
        torch.testing.assert_close(torch.tensor(found["logits"]), logits, rtol=0, atol=1e-3)
        plain, _, _ = answer(load(folder), folder, picture, prompt, name, 4)
        assert plain != tokens, "the adapter changes nothing here: a test that cannot fail"
