import json
import sys

import pytest
from PIL import Image

from pocket_world.compose import compose
from questions.write import main, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory, assets):
    folder = tmp_path_factory.mktemp("llava")
    assert write("validation", 0, 40, 6, folder, assets) <= 40
    return folder


def test_conversations_have_llavas_form(folder):
    entries = json.loads((folder / "llava.json").read_text())
    assert len(entries) > 35
    for entry in entries:
        assert set(entry) == {"id", "image", "conversations"}
        assert Image.open(folder / "images" / entry["image"]).size == (336, 336)
        turns = entry["conversations"]
        assert 2 <= len(turns) <= 12 and len(turns) % 2 == 0
        assert [turn["from"] for turn in turns] == ["human", "gpt"] * (len(turns) // 2)
        assert [turn["value"].count("<image>") for turn in turns] == [1] + [0] * (len(turns) - 1)
        assert turns[0]["value"].startswith("<image>\n") and all(turn["value"].strip() for turn in turns)


def test_descriptions_are_those_of_the_seeds(folder):
    written = (folder / "scenes.jsonl").read_text().splitlines()
    assert written == [compose(100_000_000 + place).to_json() for place in range(40)]


@pytest.mark.parametrize(
    ("option", "value", "least"),
    [("--turns", "-1", 1), ("--turns", "0", 1), ("--count", "0", 1), ("--start", "-4", 0)],
)
def test_options_out_of_range_are_refused(option, value, least, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["write", "--count", "1", "--out", str(tmp_path / "out"), option, value])
    with pytest.raises(SystemExit):
        main()
    assert f"argument {option}: expected a whole number of at least {least}, found {value}\n" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
