import hashlib
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest

from pocket_world.colours import COLOURS, contrast, nearest
from pocket_world.compose import compose
from pocket_world.content import COUNTS, SIDES, Wish
from pocket_world.prints import HEIGHTS
from pocket_world.scene import SIDE
from pocket_world.splits import SPLITS, seeds_of

SCENES = [compose(seed) for split in SPLITS for seed in seeds_of(split, 0, 400)]
# Changes only with the recipe; then the benchmarks change, too.
DIGEST = "da3022d31b2b317e3497917391298960f1de740931fb61c9f796b9cd482e89e0"


def digest() -> str:
    lines = (compose(seed).to_json() for split in SPLITS for seed in seeds_of(split, 0, 400))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def test_a_seed_gives_the_same_bytes_on_every_machine():
    assert digest() == DIGEST


def test_a_seed_gives_the_same_bytes_whatever_the_hash_seed():
    code = "from pocket_world.compose import compose; print(*(compose(s).to_json() for s in range(60)), sep='\\n')"
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parents[1],
            env={"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert runs[0].decode().splitlines() == [compose(seed).to_json() for seed in range(60)]


def test_nothing_overlaps_and_all_is_inside():
    for scene in SCENES:
        boxes = [thing.box for thing in scene.things] + [print_.box for print_ in scene.prints]
        for x, y, width, height in boxes:
            assert width > 0 and height > 0 and x >= 0 and y >= 0 and x + width <= SIDE and y + height <= SIDE
        for (a, b, c, d), (x, y, w, h) in combinations(boxes, 2):
            assert a + c <= x or x + w <= a or b + d <= y or y + h <= b


def test_sizes_are_what_they_are_called():
    for scene in SCENES:
        for thing in scene.things:
            assert max(thing.box[2:]) <= SIDES[thing.size][1]
        for print_ in scene.prints:
            assert print_.box[3] <= HEIGHTS[print_.size][1]


def test_colour_names_are_unmistakable_and_shapes_stand_out():
    for scene in SCENES:
        if scene.background.colour:
            assert nearest(scene.background.shades[0]) == scene.background.colour
        for thing in scene.things:
            assert (thing.colour is None) == (thing.category != "shape")
            if thing.colour:
                assert nearest(thing.shade) == thing.colour
                if scene.style != "framed":
                    assert contrast(COLOURS[thing.colour], scene.background.shades) > 90


def test_all_that_the_recipe_knows_occurs():
    scenes = [compose(seed) for seed in seeds_of("train", 10_000, 3000)]
    assert {len(scene.things) for scene in scenes} == set(COUNTS)
    assert {thing.size for scene in scenes for thing in scene.things} == set(SIDES)
    assert {print_.size for scene in scenes for print_ in scene.prints} == set(HEIGHTS)
    details = [thing.is_detail for scene in scenes for thing in scene.things]
    assert 0.15 < sum(details) / len(details) < 0.45


@pytest.mark.parametrize("size", HEIGHTS)
def test_a_wish_narrows_the_scene(size):
    for seed in range(40):
        scene = compose(seed, Wish(things=(0, 1), prints=1, print_size=size, pattern="plain"))
        assert len(scene.things) <= 1 and len(scene.prints) == 1 and scene.background.pattern == "plain"
        assert scene.prints[0].box[3] <= HEIGHTS[size][1]
