"""Exporting a run of pocket-llava: finished stages unless told otherwise, and the old checkpoint stays until all is written."""

import sys

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[train]'")
pytest.importorskip("transformers", reason="transformers is not installed: pip install -e '.[train]'")

from pocket_model import export  # noqa: E402
from pocket_model.language import LanguageModel  # noqa: E402
from pocket_model.run_state import save_atomically  # noqa: E402
from pocket_model.tower import Tower  # noqa: E402
from pocket_model.words import learn_tokenizer  # noqa: E402


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished tower, and a language model at step 120."""
    run = tmp_path_factory.mktemp("run")
    tokenizer = learn_tokenizer(scenes=20)
    tokenizer.save(str(run / "tokenizer.json"))
    save_atomically({"step": 500, "parts": {"tower": Tower().state_dict()}}, run / "vision-class.done.pt")
    model = LanguageModel(tokenizer.get_vocab_size())
    save_atomically({"step": 120, "parts": {"model": model.state_dict()}}, run / "language-positions.pt")
    return run


@pytest.fixture
def out(tmp_path):
    """An earlier checkpoint."""
    (tmp_path / "checkpoint").mkdir()
    (tmp_path / "checkpoint/config.json").write_text("{}")
    (tmp_path / "checkpoint/earlier.txt").write_text("earlier")
    return tmp_path / "checkpoint"


def command(monkeypatch, run, out, *more):
    monkeypatch.setattr(sys, "argv", ["export", "--run", str(run), "--out", str(out), *more])
    export.main()


def test_an_unfinished_stage_is_refused_and_the_earlier_checkpoint_stays(run, out, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"language-positions\.done\.pt.*at step 120.*--unfinished"):
        command(monkeypatch, run, out)
    with pytest.raises(FileNotFoundError, match=r"nothing\.done\.pt.*nothing of this stage"):
        command(monkeypatch, run, out, "--language", "nothing", "--unfinished")
    assert (out / "earlier.txt").read_text() == "earlier"


def test_an_unfinished_stage_is_exported_where_that_is_asked_for(run, out, monkeypatch, capsys):
    command(monkeypatch, run, out, "--unfinished")
    assert "language-positions is unfinished: the weights of step 120" in capsys.readouterr().out
    assert (out / "model.safetensors").is_file() and not (out / "earlier.txt").exists()
    assert [path.name for path in out.parent.iterdir()] == ["checkpoint"]


def test_the_earlier_checkpoint_stays_where_writing_fails(run, out, monkeypatch):
    def fail():
        raise OSError("the disk is full")

    monkeypatch.setattr(export, "_image_processor", fail)
    with pytest.raises(OSError, match="full"):
        command(monkeypatch, run, out, "--unfinished")
    assert sorted(path.name for path in out.iterdir()) == ["config.json", "earlier.txt"]


def test_a_folder_that_is_no_checkpoint_is_not_replaced(run, out, monkeypatch):
    (out / "config.json").unlink()
    with pytest.raises(FileExistsError, match="holds no checkpoint"):
        command(monkeypatch, run, out, "--unfinished")
    assert (out / "earlier.txt").read_text() == "earlier"
