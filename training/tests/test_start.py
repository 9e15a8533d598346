"""Beginning a run from the shipped checkpoint: the same weights come out again, and no two beginnings mix."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[train]'")
pytest.importorskip("transformers", reason="transformers is not installed: pip install -e '.[train]'")

from safetensors.torch import load_file, save_file  # noqa: E402

from pocket_model.export import export  # noqa: E402
from pocket_model.start import begin  # noqa: E402

SHIPPED = Path(__file__).parents[2] / "models/pocket-llava/checkpoint"


def start(run, checkpoint):
    begin(run, checkpoint, "vision-class", "language")


def test_what_is_taken_from_a_checkpoint_is_exported_as_it_was(tmp_path):
    start(tmp_path / "run", SHIPPED)
    export(tmp_path / "run", "vision-class", "language", tmp_path / "out")
    files = sorted(path.name for path in SHIPPED.iterdir())
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == files
    for name in files:
        assert (tmp_path / "out" / name).read_bytes() == (SHIPPED / name).read_bytes(), name


def test_a_run_goes_on_from_the_checkpoint_that_it_began_from_alone(tmp_path):
    run, other = tmp_path / "run", tmp_path / "other"
    start(run, SHIPPED)
    (run / "language.done.pt").unlink()  # as if it had been cut off
    start(run, SHIPPED)
    assert (run / "language.done.pt").exists()
    with pytest.raises(FileExistsError, match="began from a checkpoint.*--from"):
        start(run, None)
    other.mkdir()
    weights = load_file(SHIPPED / "model.safetensors")
    save_file({name: weight + 1 for name, weight in weights.items()}, other / "model.safetensors")
    with pytest.raises(FileExistsError, match="other weights"):
        start(run, other)


def test_a_run_from_nothing_takes_no_checkpoint(tmp_path):
    torch.save({}, tmp_path / "vision-part.done.pt")
    start(tmp_path, None)
    with pytest.raises(FileExistsError, match="trained from nothing"):
        start(tmp_path, SHIPPED)


def test_weights_of_another_model_are_refused(tmp_path):
    weights = load_file(SHIPPED / "model.safetensors")
    (tmp_path / "tokenizer.json").write_bytes((SHIPPED / "tokenizer.json").read_bytes())
    name = "multi_modal_projector.linear_1.weight"
    smaller, other = {name: weights[name][:2].clone()}, {"other": weights[name].clone()}
    for run, changed, message in (("a", smaller, r"linear_1.weight: expected \(256, 192\), found"), ("b", other, "found others")):
        save_file(weights | changed, tmp_path / "model.safetensors")
        with pytest.raises(ValueError, match=message):
            start(tmp_path / run, tmp_path)
