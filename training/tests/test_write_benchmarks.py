"""Writing the benchmarks replaces the generator's own folders alone, and each of them whole."""

import json
import sys
from types import SimpleNamespace

import pytest

from benchmarks import write
from benchmarks.details import write_details


@pytest.fixture
def command(monkeypatch, tmp_path):
    """The command with two small benchmarks of one file each."""

    def made(name):
        def writes(folder, assets):
            (folder / "images").mkdir(parents=True)
            (folder / "images/1.txt").write_text(name)
            write_details(folder, name, [])
            return []

        return SimpleNamespace(NAME=name, write=writes)

    monkeypatch.setattr(write, "BENCHMARKS", (made("pope"), made("gqa")))
    monkeypatch.setattr(write, "Assets", lambda: None)
    monkeypatch.setattr(write, "learn", tuple)
    monkeypatch.setattr(write, "measure", lambda asked: [])
    monkeypatch.setattr(write, "card", lambda results, out: "card\n")
    monkeypatch.setattr(sys, "argv", ["write", "--out", str(tmp_path)])
    return write.main


def files(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_its_own_folders_are_replaced(command, tmp_path):
    command()
    once = files(tmp_path)
    assert sorted(once) == [
        "README.md", "gqa/details.json", "gqa/images/1.txt", "pope/details.json", "pope/images/1.txt"
    ]  # fmt: skip
    (tmp_path / "gqa/images/of-an-earlier-version.txt").write_text("")
    command()
    assert files(tmp_path) == once


@pytest.mark.parametrize(
    ("held", "found"),
    [
        ({"llava_gqa.jsonl": ""}, "no details.json"),
        ({}, "no details.json"),
        ({"details.json": json.dumps({"benchmark": "pope"})}, "that of 'pope'"),
        ({"details.json": "[1]"}, "no details of a benchmark"),
        ({"details.json": "<html>"}, "no details of a benchmark"),
    ],
)
def test_other_folders_are_refused_before_anything_is_written(held, found, command, tmp_path):
    (tmp_path / "gqa").mkdir()
    for name, content in held.items():
        (tmp_path / "gqa" / name).write_text(content)
    before = files(tmp_path)
    with pytest.raises(FileExistsError, match=f"gqa: expected .*gqa.*, found .*{found}"):
        command()
    assert files(tmp_path) == before and not (tmp_path / "pope").exists()


def test_a_folder_stays_whole_where_writing_is_cut_off(command, tmp_path, monkeypatch):
    command()
    before = files(tmp_path)

    def cut_off(folder, assets):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "half.txt").write_text("")
        raise KeyboardInterrupt

    monkeypatch.setattr(write.BENCHMARKS[1], "write", cut_off)
    with pytest.raises(KeyboardInterrupt):
        command()
    assert {name: text for name, text in files(tmp_path).items() if not name.startswith(".")} == before
