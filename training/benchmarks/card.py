"""The data card of the benchmarks, written with them from card.md."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks import mmbench, mme, pope, scienceqa, textvqa
from benchmarks.measure import LEARNED_FROM, TextOnly
from pocket_world.compose import HELD_BACK_STYLE
from pocket_world.layouts import HELD_BACK_LAYOUT

_PICTURES = (".jpg", ".png")
_FILES = {
    "vqav2": (
        "`v2_OpenEnded_mscoco_val2014_questions.json`, `v2_mscoco_val2014_annotations.json`, "
        "`llava_vqav2_mscoco_val2014.jsonl`, `val2014/`"
    ),
    "gqa": ("`data/questions1.2/testdev_balanced_questions.json`, `llava_gqa_testdev_balanced.jsonl`, `data/images/`"),
    "scienceqa": "`problems.json`, `pid_splits.json`, `llava_test_CQM-A.json`, `images/test/`",
    "textvqa": (
        "`TextVQA_0.5.1_val.json`, `TextVQA_Rosetta_OCR_v0.2_val.json`, `llava_textvqa_val_v051_ocr.jsonl`, "
        "without recognised tokens `llava_textvqa_val_v051.jsonl`; `train_images/`"
    ),
    "pope": (
        "`coco/coco_pope_{random,popular,adversarial}.json`, `llava_pope_test.jsonl`; pictures: `../vqav2/val2014/`"
    ),
    "mme": "`MME_Benchmark_release_version/<subtask>/`, `eval_tool/Your_Results/`, `llava_mme.jsonl`",
    "mmbench": "`mmbench_dev_20230712.tsv`, pictures inside",
}


def card(results: dict[str, list[TextOnly]], out: Path) -> str:
    """`results`: for each benchmark its measured parts, the whole first."""
    return (
        (Path(__file__).parent / "card.md")
        .read_text()
        .format(
            inventory="".join(_inventory(name, rows, out) for name, rows in results.items()),
            table="".join(_row(name, row) for name, rows in results.items() for row in rows),
            layout=HELD_BACK_LAYOUT,
            style=HELD_BACK_STYLE,
            pope_pictures=pope.PICTURES,
            mme_tasks=len(mme.MAKERS),
            mme_pictures=mme.PICTURES,
            groups=sum(mmbench.GROUPS.values()),
            fixed=mmbench.FIXED_LAST,
            copied=copied(out / textvqa.NAME),
            plain=scienceqa.WITHOUT_PICTURE,
            learned=LEARNED_FROM,
        )
    )


def _inventory(name: str, rows: list[TextOnly], out: Path) -> str:
    files = [path for path in (out / name).rglob("*") if path.is_file()]
    elsewhere = {"pope": pope.PICTURES, "mmbench": rows[0].questions}
    pictures = elsewhere.get(name) or sum(path.suffix in _PICTURES for path in files)
    size = sum(path.stat().st_size for path in files) / 1000
    return f"| `{name}/` | {_FILES[name]} | {rows[0].questions} | {pictures} | {size:.0f} |\n"


def copied(folder: Path) -> float:
    """Percent of TextVQA's questions that the first recognised token answers."""

    def data(name: str) -> list[dict]:
        return json.loads((folder / name).read_text())["data"]

    tokens = {row["image_id"]: row["ocr_tokens"] for row in data("TextVQA_Rosetta_OCR_v0.2_val.json")}
    rows = data("TextVQA_0.5.1_val.json")
    first = [(tokens[row["image_id"]] or [""])[0].lower() for row in rows]
    right = [token in map(str.lower, row["answers"]) for token, row in zip(first, rows, strict=True)]
    return 100 * sum(right) / len(right)


def _row(name: str, row: TextOnly) -> str:
    figures = f"{row.chance:.1f} | {row.majority:.1f} | {row.words:.1f}"
    return f"| {name} | {row.part} | {row.questions} | {row.details} | {figures} |\n"
