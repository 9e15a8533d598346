from itertools import combinations

import pytest

from pocket_world.compose import HELD_BACK_STYLE, compose
from pocket_world.layouts import HELD_BACK_LAYOUT
from pocket_world.splits import SPLITS, seeds_of, split_of
from pocket_world.words import held_back_words, known_words


def test_no_seed_is_in_two_splits():
    for one, other in combinations(SPLITS.values(), 2):
        assert one.stop <= other.start or other.stop <= one.start


def test_a_seed_of_no_split_is_refused():
    with pytest.raises(ValueError, match="no split"):
        split_of(150_000_000)
    with pytest.raises(ValueError, match="seeds"):
        seeds_of("validation", 9_999_999, 2)


def test_layout_style_and_words_that_are_held_back_occur_in_test_scenes_only():
    assert not set(held_back_words()) & set(known_words())
    for split in SPLITS:
        scenes = [compose(seed) for seed in seeds_of(split, 500, 1500)]
        words = {print_.string for scene in scenes for print_ in scene.prints if print_.sort == "word"}
        seen = (
            any(scene.layout == HELD_BACK_LAYOUT for scene in scenes),
            any(scene.style == HELD_BACK_STYLE for scene in scenes),
            bool(words & set(held_back_words())),
        )
        assert seen == (split == "test",) * 3
