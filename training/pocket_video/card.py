"""The data card of the benchmarks of clips, written with them."""

from __future__ import annotations

from pathlib import Path

from pocket_video.clip import FRAMES, MILLISECONDS, SIDE
from pocket_video.paint import QUALITY
from pocket_video.select import PARTS
from pocket_video.stream import clip_of, questions_of
from questions.text_only import Majority, Words, accuracy

LEARNED_FROM = 3000
"""Training clips that the text-only answerers learn from."""
_TASKS = {"msvd": "msvd-qa", "msrvtt": "msrvtt-qa", "activitynet": "activitynet-qa", "nextqa": "nextqa"}
_FILES = {
    "msvd": ("GPT_Zero_Shot_QA/MSVD_Zero_Shot_QA", "`test_q.json`, `test_a.json`, `videos/`"),
    "msrvtt": ("GPT_Zero_Shot_QA/MSRVTT_Zero_Shot_QA", "`test_q.json`, `test_a.json`, `videos/all/`"),
    "activitynet": ("GPT_Zero_Shot_QA/Activitynet_Zero_Shot_QA", "`test_q.json`, `test_a.json`, `all_test/`"),
    "nextqa": ("nextqa", "`test.csv`, `NExTVideo/`"),
}


def card(asked: dict[str, list[tuple[str, str]]], out: Path) -> str:
    """`asked`: questions and answers of each."""
    learned = [(one.text, one.answer) for number in range(LEARNED_FROM) for one in questions_of(clip_of("train", number))]
    majority, words = Majority(learned), Words(learned)
    inventory = table = ""
    for part, rows in asked.items():
        folder, files = _FILES[part]
        size = sum(path.stat().st_size for path in (out / folder).rglob("*") if path.is_file()) / 1000
        inventory += f"| `{_TASKS[part]}` | `{folder}/` | {files} | {PARTS[part].clips} | {len(rows)} | {size:.0f} |\n"
        figures = f"{accuracy(majority, rows):.1f} | {accuracy(words, rows):.1f}"
        table += f"| {_TASKS[part]} | {len(rows)} | {figures} |\n"
    return (Path(__file__).parent / "card.md").read_text().format(
        frames=FRAMES,
        side=SIDE,
        milliseconds=MILLISECONDS,
        quality=QUALITY,
        learned=LEARNED_FROM,
        inventory=inventory,
        table=table,
    )
