"""The committed benchmarks as files: pictures, side files, size, and that the generator still writes the same."""

import base64
import io
import re
from pathlib import Path

import pytest
from committed import POCKET, lines, read, rows_of_mmbench
from PIL import Image

from benchmarks import card, gqa, mmbench, mme, pope, scienceqa, textvqa, vqav2


def pictures():
    yield from (
        (path.name, path.read_bytes()) for ending in ("jpg", "png") for path in sorted(POCKET.rglob(f"*.{ending}"))
    )
    yield from (
        (row["index"], base64.b64decode(row["image"])) for row in rows_of_mmbench() if int(row["index"]) < 1_000_000
    )


def test_pictures_are_whole_and_of_one_size():
    count = 0
    for name, content in pictures():
        picture = Image.open(io.BytesIO(content))
        picture.load()
        assert picture.size == (336, 336), name
        count += 1
    assert count == 100 + 100 + 250 + 150 + 154 + 100


@pytest.mark.parametrize("name", ["vqav2", "gqa", "scienceqa", "textvqa", "pope", "mme", "mmbench"])
def test_details_name_existing_questions(name):
    ids = {
        "vqav2": lambda: {row["question_id"] for row in lines("vqav2/llava_vqav2_mscoco_val2014.jsonl")},
        "gqa": lambda: set(read("gqa/data/questions1.2/testdev_balanced_questions.json")),
        "scienceqa": lambda: set(read("scienceqa/problems.json")),
        "textvqa": lambda: {row["question_id"] for row in read("textvqa/TextVQA_0.5.1_val.json")["data"]},
        "pope": lambda: {row["question_id"] for row in lines("pope/llava_pope_test.jsonl")},
        "mme": lambda: {row["question_id"] for row in lines("mme/llava_mme.jsonl")},
        "mmbench": lambda: {int(row["index"]) % 1_000_000 for row in rows_of_mmbench()},
    }[name]()
    details = read(f"{name}/details.json")
    for key in ("small_things", "held_back_layout", "held_back_style", "held_back_words"):
        assert set(details[key]) <= ids
    assert len(details["small_things"]) >= len(ids) / 10
    listed = [question_id for group in details["families"].values() for question_id in group]
    assert set(listed) <= ids and len(listed) == len(set(listed))


def test_all_of_them_are_small_enough():
    assert sum(path.stat().st_size for path in POCKET.rglob("*") if path.is_file()) < 12_000_000


def test_the_committed_card_is_the_writers():
    words = re.split(r"\{\w+[^}]*\}", (Path(card.__file__).parent / "card.md").read_text())
    assert len(words) > 10
    assert re.fullmatch("[^~]+?".join(map(re.escape, words)), (POCKET / "README.md").read_text())


@pytest.mark.parametrize(
    "benchmark", [vqav2, gqa, scienceqa, textvqa, pope, mme, mmbench], ids=lambda module: module.NAME
)
def test_the_committed_files_are_what_the_generator_writes(benchmark, tmp_path, monkeypatch):
    """Everything but the pictures, which need the icons."""
    blank = Image.new("RGB", (336, 336))
    if hasattr(benchmark, "paint"):
        monkeypatch.setattr(benchmark, "paint", lambda scene, assets: blank)
    benchmark.write(tmp_path, None)
    written = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    committed = POCKET / benchmark.NAME
    assert written == sorted(path.relative_to(committed) for path in committed.rglob("*") if path.is_file())
    for path in written:
        if path.suffix == ".tsv":
            texts = [
                re.sub(r"[A-Za-z0-9+/=]{400,}", "", (folder / path).read_text()) for folder in (tmp_path, committed)
            ]
            assert texts[0] == texts[1]
        elif path.suffix not in (".jpg", ".png"):
            assert (tmp_path / path).read_bytes() == (committed / path).read_bytes(), path
