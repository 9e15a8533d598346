"""Writes the benchmarks of clips and their data card: MSVD-QA, MSRVTT-QA and ActivityNet-QA as Video-ChatGPT packages them,
and NExT-QA's multiple choice.

python -m pocket_video.benchmark --out ../benchmarks/pocket-video

An earlier one is replaced; a folder that holds anything else is refused."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterator
from pathlib import Path

from benchmarks.files import write_json
from common.replacing import replacing
from pocket_video.card import card
from pocket_video.clip import FRAMES, SIDE, Clip
from pocket_video.paint import Painter, webp
from pocket_video.select import PARTS, select, with_options
from pocket_world.assets import Assets

OPEN = {
    "msvd": ("MSVD_Zero_Shot_QA", "videos", "clip{:03d}", ""),
    "msrvtt": ("MSRVTT_Zero_Shot_QA", "videos/all", "video{:03d}", ""),
    "activitynet": ("Activitynet_Zero_Shot_QA", "all_test", "pocket{:03d}", "v_"),
}
"""Folder, folder of its videos, names of videos, and what stands before them in files' names."""
_TYPES = {0: "TC", 1: "DO", 4: "DO", 5: "DO", 6: "DL", 7: "DC", 8: "DO"}
"""NExT-QA's types by ours; what comes or leaves first is TP (previous), last TN (next)."""
COLUMNS = ("video", "frame_count", "width", "height", "question", "answer", "qid", "type", "a0", "a1", "a2", "a3", "a4")


def write(out: Path, painter: Painter | None) -> dict[str, list[tuple[str, str]]]:
    """Writes the four; without a painter no clips. Returns each one's questions and answers, as a text-only answerer sees them."""
    asked = {part: list(_write_open(out, part, painter)) for part in OPEN}
    return asked | {"nextqa": list(_write_choices(out / "nextqa", painter))}


def _write_open(out: Path, part: str, painter: Painter | None) -> Iterator[tuple[str, str]]:
    folder, videos, name, prefix = OPEN[part]
    place = out / "GPT_Zero_Shot_QA" / folder
    questions, answers = [], []
    for number, (clip, asked) in enumerate(select(part), PARTS[part].first):
        video = name.format(number)
        _write_clip(place / videos / f"{prefix}{video}.webp", clip, painter)
        for turn, one in enumerate(asked, 1):
            id_ = f"v_{video}_{turn}"
            questions.append({"video_name": video, "question": one.text, "question_id": id_})
            answers.append({"answer": one.answer, "type": one.type if part == "activitynet" else 3, "question_id": id_})
            yield one.text, one.answer
    write_json(place / "test_q.json", questions)
    write_json(place / "test_a.json", answers)


def _write_choices(place: Path, painter: Painter | None) -> Iterator[tuple[str, str]]:
    stream = io.StringIO()
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(COLUMNS)
    for number, (clip, choices) in enumerate(with_options(select("nextqa")), PARTS["nextqa"].first):
        _write_clip(place / "NExTVideo" / f"{number}.webp", clip, painter)
        for turn, one in enumerate(choices):
            kind = ("TP" if "first" in one.asked.text else "TN") if one.asked.type == 2 else _TYPES[one.asked.type]
            table.writerow((number, FRAMES, SIDE, SIDE, one.asked.text, one.right, turn, kind, *one.options))
            yield one.text, one.letter
    place.mkdir(parents=True, exist_ok=True)
    (place / "test.csv").write_text(stream.getvalue())


def _write_clip(path: Path, clip: Clip, painter: Painter | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(webp(painter.frames(clip)) if painter else b"")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    if out.exists() and any(out.iterdir()) and not (out / "GPT_Zero_Shot_QA").is_dir():
        raise FileExistsError(f"{out}: expected nothing or benchmarks of clips to replace, found neither; give another --out")
    painter = Painter(Assets())
    with replacing(out) as folder:
        asked = write(folder, painter)
        (folder / "README.md").write_text(card(asked, folder))
    print((out / "README.md").read_text().split("## How far")[1])


if __name__ == "__main__":
    main()
