"""Single steps of fine-tuning: what they hold at once, what they refuse, what may continue them."""

import json
import math
from types import SimpleNamespace

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[train]'")
pytest.importorskip("transformers", reason="transformers is not installed: pip install -e '.[train]'")

from tiny_llava import write_checkpoint, write_data  # noqa: E402

from tuning import train  # noqa: E402
from tuning.adapter import CONFIG  # noqa: E402
from tuning.checkpoint import NAME  # noqa: E402
from tuning.data import Conversations  # noqa: E402
from tuning.processes import Processes  # noqa: E402
from tuning.settings import parse  # noqa: E402
from tuning.train import tune  # noqa: E402


@pytest.fixture
def folder(tmp_path):
    write_checkpoint(tmp_path / "base")
    write_data(tmp_path)
    return tmp_path


def settings(folder, *more):
    paths = ["--model", folder / "base", "--data", folder / "data.json", "--images", folder / "images"]
    sizes = ["--rank", "4", "--alpha", "8", "--batch", "4", "--micro-batch", "2", "--workers", "0", "--reduce", "prumerge"]
    return parse([*map(str, paths), "--out", str(folder / "out"), *sizes, *more])


def test_one_forward_run_is_read_at_a_time(folder, monkeypatch):
    events = []
    read, forward = Conversations.__getitem__, train._Tuning._forward_backward

    def watched_read(data, place):
        events.append("read")
        return read(data, place)

    def watched_forward(tuning, examples, turn):
        events.append("forward")
        return forward(tuning, examples, turn)

    monkeypatch.setattr(Conversations, "__getitem__", watched_read)
    monkeypatch.setattr(train._Tuning, "_forward_backward", watched_forward)
    tune(settings(folder, "--stop-after", "1"))
    assert events == ["read", "read", "forward"] * 2


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_a_gradient_that_is_not_finite_ends_the_run_before_it_does_harm(wrong, folder, monkeypatch):
    loss = train.answer_loss

    def spoilt(model, *rest):
        found = loss(model, *rest)
        return SimpleNamespace(**(vars(found) | {"total": found.total * wrong}))

    tune(settings(folder, "--stop-after", "1"))
    before = (folder / "out" / NAME).read_bytes()
    monkeypatch.setattr(train, "answer_loss", spoilt)
    with pytest.raises(FloatingPointError, match=r"step 1: expected a finite gradient, found norm (nan|inf)"):
        tune(settings(folder, "--save-minutes", "0"))
    assert (folder / "out" / NAME).read_bytes() == before
    assert not (folder / "out" / CONFIG).exists()


def test_bfloat16_is_chosen_where_the_gpu_has_it_and_not_where_it_imitates_it(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: including_emulation)
    assert train._dtype("auto", torch.device("cuda")) is torch.float32
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: True)
    assert train._dtype("auto", torch.device("cuda")) is torch.bfloat16
    assert train._dtype("auto", torch.device("cpu")) is torch.float32


def test_more_processes_than_forward_runs_are_refused(folder):
    with pytest.raises(ValueError, match=r"expected a forward run for each of 3 processes.*found 2"):
        train._Tuning(settings(folder), Processes(0, 3, torch.device("cpu")))


def test_a_plan_in_which_nothing_is_learned_is_refused(folder):
    with pytest.raises(ValueError, match=r"expected a step whose rate is above 0, found 1 step with --warmup 0\.03"):
        tune(settings(folder, "--limit", "3"))
    tune(settings(folder, "--limit", "3", "--warmup", "0"))


def rewrite_data(folder):
    items = json.loads((folder / "data.json").read_text())
    items[0]["conversations"][1]["value"] = "purple"
    (folder / "data.json").write_text(json.dumps(items))


def rewrite_weights(folder):
    path = folder / "base/model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def rewrite_tokenizer(folder):
    path = folder / "base/tokenizer_config.json"
    path.write_text(path.read_text().replace("512", "511"))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (rewrite_data, "what --data holds"),
        (rewrite_weights, "what --model holds"),
        (rewrite_tokenizer, "what --model holds"),
        (lambda folder: None, None),
    ],
)
def test_a_run_goes_on_with_nothing_but_what_it_began_with(change, named, folder):
    tune(settings(folder, "--stop-after", "1"))
    change(folder)
    if named is None:
        tune(settings(folder, "--stop-after", "1"))
        return
    with pytest.raises(ValueError, match=rf"other settings \({named}\)"):
        tune(settings(folder, "--stop-after", "1"))


def test_arithmetic_is_compared_as_it_is_done(folder, monkeypatch):
    tune(settings(folder, "--stop-after", "1"))
    monkeypatch.setattr(train, "_dtype", lambda name, device: torch.bfloat16)
    with pytest.raises(ValueError, match=r"other settings \(dtype\)"):
        tune(settings(folder, "--stop-after", "1"))
    monkeypatch.undo()
    tune(settings(folder, "--dtype", "float32", "--stop-after", "1"))
