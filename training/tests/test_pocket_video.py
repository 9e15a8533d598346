"""Clips, the questions about them, and the committed benchmarks of them."""

import csv
import io
import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pocket_video import benchmark
from pocket_video.ask import TYPES
from pocket_video.choose import choose
from pocket_video.clip import FRAMES, GRID, SIDE
from pocket_video.compose import compose
from pocket_video.paint import Painter, patchify, webp
from pocket_video.select import PARTS, select
from pocket_video.stream import clip_of, questions_of
from pocket_world.dice import Dice
from pocket_world.splits import split_of

COMMITTED = Path(__file__).parents[2] / "benchmarks/pocket-video"
CLIPS = [compose(seed) for seed in range(300)]


def visible(clip, frame):
    return {actor.kind for actor in clip.actors if actor.boxes[frame]}


def test_a_seed_gives_the_same_clip():
    assert compose(7) == compose(7) and compose(7).to_json() != compose(8).to_json()
    assert [json.loads(compose(seed).to_json())["lanes"] for seed in range(4)] == ["down", "across", "across", "down"]


def test_things_stay_in_the_frame_and_out_of_each_others_way():
    for clip in CLIPS:
        assert len({actor.kind for actor in clip.actors}) == len(clip.actors) in (1, 2, 3, 4)
        for frame in range(FRAMES):
            boxes = [actor.boxes[frame] for actor in clip.actors if actor.boxes[frame]]
            if clip.flash and clip.flash.frame == frame:
                boxes.append(clip.flash.print.box)
            for x, y, width, height in boxes:
                assert 0 <= x and 0 <= y and x + width <= SIDE and y + height <= SIDE
            for at, (x, y, width, height) in enumerate(boxes):
                for a, b, c, d in boxes[:at]:
                    assert x >= a + c or a >= x + width or y >= b + d or b >= y + height


def test_every_deed_happens_and_looks_as_it_is_called():
    deeds = Counter(actor.does for clip in CLIPS for actor in clip.actors)
    assert set(deeds) == {"stays", "comes", "leaves", "passes", "moves", "changes"} and min(deeds.values()) > 60
    for actor in (actor for clip in CLIPS for actor in clip.actors):
        shown = [box is not None for box in actor.boxes]
        assert sum(one != other for one, other in pairwise(shown)) == actor.comes + actor.leaves
        places = [box for box in actor.boxes if box]
        steps = {(b[0] > a[0]) - (b[0] < a[0]) or (b[1] > a[1]) - (b[1] < a[1]) for a, b in pairwise(places)}
        moved = {{"right": 1, "down": 1, "left": -1, "up": -1}[actor.way]} if actor.way else {0}
        assert steps == (moved if len(places) > 1 else set())
        assert len(set(actor.colours)) == (2 if actor.does == "changes" else min(1, len(actor.colours)))


def oracle(clip, text):
    """The answer, read off what each frame shows; None where it reads no such question."""
    frames = [visible(clip, frame) for frame in range(FRAMES)]
    everything = set().union(*frames)
    first = {kind: min(f for f in range(FRAMES) if kind in frames[f]) for kind in everything}
    gone = {kind: 1 + max(f for f in range(FRAMES) if kind in frames[f]) for kind in everything}
    come = {kind for kind in everything if kind not in frames[0]}
    left = {kind for kind in everything if kind not in frames[-1]}
    words = text.rstrip("?").split()
    if text.startswith("How many things are there at"):
        return str(len(frames[0 if words[-1] == "first" else -1]))
    if text in ("How many things come?", "How many things leave?"):
        return str(len(come if "come" in text else left))
    if text in ("What comes?", "What leaves?"):
        (only,) = come if "comes" in text else left
        return only
    if text in ("What comes first?", "What comes last?", "What leaves first?", "What leaves last?"):
        times = {kind: first[kind] for kind in come} if "comes" in text else {kind: gone[kind] for kind in left}
        return (min if "first" in text else max)(times, key=times.get)
    if text.startswith("Is there a"):
        return "yes" if text.removesuffix(" in the video?").split(" ", 3)[3] in everything else "no"
    if text.startswith("Does the ") and text.endswith(" leave?"):
        return "yes" if text[len("Does the ") : -len(" leave?")] in left else "no"
    if " come before the " in text or " leave before the " in text:
        verb = " come before the " if " come before" in text else " leave before the "
        one, other = text[len("Does the ") : -1].split(verb)
        times = first if "come" in verb else gone
        return "yes" if times[one] < times[other] else "no"
    return None


def test_an_oracle_that_sees_only_what_frames_show_agrees():
    checked = Counter()
    for clip in CLIPS:
        for asked in questions_of(clip):
            answer = oracle(clip, asked.text)
            if answer is not None:
                assert answer == asked.answer, (clip.seed, asked.text)
                checked[asked.type] += 1
    assert checked[2] > 100 and checked[3] > 500 and checked[5] > 100 and checked[7] > 500


def test_answers_are_among_those_that_the_wording_allows():
    types = Counter()
    for clip in CLIPS:
        kinds = {actor.kind for actor in clip.actors}
        for asked in questions_of(clip):
            types[TYPES[asked.type]] += 1
            if "first" in asked.rivals:
                assert asked.answer in kinds
            elif asked.rivals:
                assert asked.answer in asked.rivals
            assert all(1 <= number <= len(clip.actors) + 1 for number in asked.about)
    assert set(types) == set(TYPES)


def test_options_hold_the_right_answer_once():
    for clip in CLIPS[:100]:
        for asked in questions_of(clip):
            choice = choose(asked, clip, Dice(clip.seed))
            if choice:
                assert len(set(choice.options)) == 5 and choice.options[choice.right] == asked.answer
                assert choice.prompt.count(f"\n{choice.letter}. {asked.answer}\n") == 1


def test_splits_share_no_clip():
    seeds = {split: clip_of(split, 0).seed for split in ("train", "validation", "test")}
    assert {split: split_of(seed) for split, seed in seeds.items()} == {split: split for split in seeds}
    used = sorted(number for part in PARTS.values() for number in range(part.first, part.first + part.clips))
    assert used == list(range(220))


def test_frames_show_what_the_description_says(assets):
    painter = Painter(assets)
    clip = next(clip for clip in CLIPS if clip.flash and len(clip.actors) > 1)
    frames, actors = painter.frames(clip), painter.actors(clip)
    assert patchify(frames).shape == (FRAMES, GRID * GRID, 588)
    for frame in range(FRAMES):
        seen = set(actors[frame].tolist()) - {0}
        there = {number for number, actor in enumerate(clip.actors, 1) if actor.boxes[frame]}
        assert seen == there | ({len(clip.actors) + 1} if clip.flash.frame == frame else set())
    decoded = Image.open(io.BytesIO(webp(frames)))
    assert (decoded.n_frames, decoded.size) == (FRAMES, (SIDE, SIDE))
    for frame, painted in enumerate(frames):
        decoded.seek(frame)
        assert np.abs(np.asarray(decoded.convert("RGB"), int) - np.asarray(painted, int)).mean() < 4


def test_the_committed_files_are_what_the_generator_writes(tmp_path):
    """Everything but the clips, which need the icons."""
    asked = benchmark.write(tmp_path, None)
    assert {part: len(rows) for part, rows in asked.items()} == {"msvd": 180, "msrvtt": 180, "activitynet": 240, "nextqa": 180}
    written = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert written | {Path("README.md")} == {path.relative_to(COMMITTED) for path in COMMITTED.rglob("*") if path.is_file()}
    for path in written:
        if path.suffix != ".webp":
            assert (tmp_path / path).read_bytes() == (COMMITTED / path).read_bytes(), path


def test_the_committed_clips_are_what_the_generator_paints(real_assets):
    painter = Painter(real_assets)
    clip, _ = select("nextqa")[7]
    number = PARTS["nextqa"].first + 7
    committed = Image.open(COMMITTED / f"nextqa/NExTVideo/{number}.webp")
    for frame, painted in enumerate(painter.frames(clip)):
        committed.seek(frame)
        assert np.abs(np.asarray(committed.convert("RGB"), int) - np.asarray(painted, int)).mean() < 4


def test_the_committed_benchmarks_are_small_and_balanced():
    assert sum(path.stat().st_size for path in COMMITTED.rglob("*") if path.is_file()) < 6_000_000
    answers = json.loads((COMMITTED / "GPT_Zero_Shot_QA/Activitynet_Zero_Shot_QA/test_a.json").read_text())
    assert {row["type"] for row in answers} == set(range(9))
    said = Counter(row["answer"] for row in answers if row["type"] == 3)
    assert abs(said["yes"] - said["no"]) < 12
    with (COMMITTED / "nextqa/test.csv").open(newline="") as file:
        assert Counter(row["answer"] for row in csv.DictReader(file)) == {str(place): 36 for place in range(5)}


@pytest.mark.parametrize("part", PARTS)
def test_a_clip_is_asked_nothing_twice(part):
    for _, asked in select(part):
        assert len({one.text for one in asked}) == len(asked) == PARTS[part].each
