import hashlib
import json

import numpy as np
import PIL
import pytest

from pocket_world.compose import compose
from pocket_world.kinds import names
from pocket_world.labels import PRINT_CLASS, label, patchify
from pocket_world.measures import CHARACTERS, MEASURES
from pocket_world.paint import paint
from pocket_world.splits import SPLITS, seeds_of

SEEDS = [seed for split in SPLITS for seed in seeds_of(split, 20, 30)]
PIXELS = {
    "numpy": "2.4.6",
    "pillow": "13.0.0",
    "stand-in": "12381576ff09825a0b10c4f4d7251693f19bebba15674d40e39db2b81b234def",
    "real": "e5d37e329fbbb9bbc8c32b61ce277697bbdf0bcbcf4475e73f343844137d7a83",
}


def digest(assets):
    pixels = hashlib.sha256()
    for seed in SEEDS:
        pixels.update(paint(compose(seed), assets).tobytes())
    return pixels.hexdigest()


def skip_other_versions():
    found = {"numpy": np.__version__, "pillow": PIL.__version__}
    if any(found[name] != PIXELS[name] for name in found):
        pytest.skip(f"pixels are recorded for {PIXELS['numpy']} and {PIXELS['pillow']}, found {found}")


def test_same_pixels_each_time(assets):
    for seed in SEEDS[::10]:
        assert paint(compose(seed), assets).tobytes() == paint(compose(seed), assets).tobytes()


def test_same_pixels_as_recorded(assets):
    skip_other_versions()
    assert digest(assets) == PIXELS["stand-in"]


def test_same_pixels_as_recorded_with_the_real_icons_and_fonts(real_assets):
    skip_other_versions()
    assert digest(real_assets) == PIXELS["real"]


def test_the_committed_table_is_that_of_the_icons_and_fonts(real_assets):
    assert json.loads(MEASURES.read_text()) == real_assets.measures


def test_pixels_change_only_where_something_is(assets):
    """Compared with the same scene without a thing, only the thing's surroundings differ."""
    scene = next(s for s in map(compose, range(200)) if len(s.things) == 4 and s.style == "flat" and not s.prints)
    less = type(scene)(**{**vars(scene), "things": scene.things[1:]})
    changed = np.asarray(paint(scene, assets)) != np.asarray(paint(less, assets))
    rows, columns = np.where(changed.any(2))
    x, y, width, height = scene.things[0].box
    assert rows.min() >= y and rows.max() < y + height and columns.min() >= x and columns.max() < x + width
    assert changed.any(2).sum() > 0.4 * width * height


def test_labels_name_every_thing_and_print(assets):
    for seed in SEEDS:
        scene = compose(seed)
        labels = label(scene, assets)
        assert set(labels.instance) - {0} == set(range(1, len(scene.things) + len(scene.prints) + 1))
        for place, thing in enumerate(scene.things):
            assert set(labels.kind[labels.instance == place + 1]) == {names().index(thing.kind) + 1}
        for place, print_ in enumerate(scene.prints):
            mine = labels.instance == len(scene.things) + place + 1
            assert set(labels.kind[mine]) == {PRINT_CLASS}
            spelled = {CHARACTERS[number - 1] for number in labels.character[mine]}
            assert spelled <= set(print_.string)
            if print_.size == "large":
                assert len(spelled) == len(set(print_.string))
        assert not labels.character[labels.kind != PRINT_CLASS].any()


def test_patches_are_channel_row_column(assets):
    picture = paint(compose(5), assets)
    pixels = np.asarray(picture)
    patches = patchify(picture)
    assert patches.shape == (576, 588)
    np.testing.assert_array_equal(patches[25].reshape(3, 14, 14), pixels[14:28, 14:28].transpose(2, 0, 1))
