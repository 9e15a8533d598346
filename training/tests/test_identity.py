"""Checkpoints are told apart without reading all of their weights."""

import pytest

pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[train]'")

from tuning import identity
from tuning.identity import quick_digest


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A small file that is read whole, and a large one of which 8 bytes of 64 are."""
    for name, value in (("WHOLE", 100), ("EVERY", 64), ("READ", 8)):
        monkeypatch.setattr(identity, name, value)
    (tmp_path / "config.json").write_bytes(b"c" * 100)
    (tmp_path / "model.safetensors").write_bytes(b"w" * 1000)
    return tmp_path


def change(path, start, count):
    content = bytearray(path.read_bytes())
    content[start : start + count] = b"x" * count
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "start", "count"),
    [("config.json", 50, 1), ("model.safetensors", 0, 1), ("model.safetensors", 999, 1), ("model.safetensors", 203, 64)],
)
def test_another_byte_of_a_small_file_and_another_tensor_of_a_large_one_are_noticed(name, start, count, folder):
    before = quick_digest(folder)
    change(folder / name, start, count)
    assert quick_digest(folder) != before


def test_names_and_sizes_count_and_places_do_not(folder, tmp_path_factory):
    before = quick_digest(folder)
    moved = folder.rename(tmp_path_factory.mktemp("elsewhere") / "base")
    assert quick_digest(moved) == before
    (moved / "config.json").rename(moved / "other.json")
    assert quick_digest(moved) != before
