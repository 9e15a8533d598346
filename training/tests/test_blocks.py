"""Painted scenes on disk: used again only where they are what would be painted now, and read by any process."""

import pickle

import numpy as np
import pytest

from pocket_model import blocks
from pocket_model.blocks import block
from pocket_world.compose import compose


@pytest.fixture
def painted(monkeypatch):
    """Four scenes a block; the seeds that were painted, in order."""
    seeds = []
    paint = blocks._paint
    monkeypatch.setattr(blocks, "BLOCK", 4)
    monkeypatch.setattr(blocks, "_paint", lambda scene, assets: seeds.append(scene.seed) or paint(scene, assets))
    return seeds


def test_a_block_is_painted_once(painted, assets, tmp_path):
    first, again = (block("all", 1, tmp_path, assets) for _ in range(2))
    assert painted == [4, 5, 6, 7]
    assert np.array_equal(first.pixels, again.pixels) and np.array_equal(first.labels, again.labels)


def test_a_block_of_other_scenes_is_painted_anew(painted, assets, tmp_path, monkeypatch):
    block("all", 0, tmp_path, assets)
    monkeypatch.setattr(blocks, "compose", lambda seed: compose(seed + 50))
    found = block("all", 0, tmp_path, assets)
    assert painted == [0, 1, 2, 3, 50, 51, 52, 53]
    again = block("all", 0, tmp_path / "apart", assets)
    assert np.array_equal(found.pixels, again.pixels) and np.array_equal(found.labels, again.labels)


def test_a_block_of_other_icons_is_painted_anew(painted, assets, tmp_path, monkeypatch):
    block("all", 0, tmp_path, assets)
    monkeypatch.setattr(type(assets), "identity", "others")
    block("all", 0, tmp_path, assets)
    assert len(painted) == 8


def test_a_block_that_does_not_say_what_it_was_painted_from_is_painted_anew(painted, assets, tmp_path):
    block("all", 0, tmp_path, assets)
    for path in tmp_path.iterdir():
        if path.suffix != ".npy":
            path.unlink()
    block("all", 0, tmp_path, assets)
    assert len(painted) == 8


def test_visits_reach_a_process_that_is_spawned(painted, assets, tmp_path):
    pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[train]'")
    from pocket_model.feed import Visits

    visits = Visits(("all", 1), tmp_path, assets)
    (here, place, turn), *_ = visits.take(0, 1)
    (there, *same), *_ = pickle.loads(pickle.dumps(visits)).take(0, 1)
    assert same == [place, turn] and np.array_equal(here.pixels, there.pixels)
