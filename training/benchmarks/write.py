"""Writes all seven benchmarks and their data card.

python -m benchmarks.write --out ../benchmarks/pocket

Folders of earlier benchmarks of its own are replaced. Their names are those of LLaVA's playground/data/eval: what is there
and not its own is refused."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks import gqa, mmbench, mme, pope, scienceqa, textvqa, vqav2
from benchmarks.card import card
from benchmarks.measure import learn, measure
from common.replacing import replacing
from pocket_world.assets import Assets

BENCHMARKS = (vqav2, gqa, scienceqa, textvqa, pope, mme, mmbench)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    for benchmark in BENCHMARKS:
        _refuse_foreign(out / benchmark.NAME, benchmark.NAME)
    assets = Assets()
    answerers = learn()
    results = {}
    for benchmark in BENCHMARKS:
        with replacing(out / benchmark.NAME) as folder:
            asked = benchmark.write(folder, assets)
        results[benchmark.NAME] = measure(asked, *answerers)
        for row in results[benchmark.NAME]:
            print(
                f"{benchmark.NAME:10} {row.part:22} {row.questions:4} questions, {row.details:4} on small things; ",
                end="",
            )
            print(f"without pictures: chance {row.chance:4.1f}, majority {row.majority:4.1f}, words {row.words:4.1f}")
    (out / "README.md").write_text(card(results, out))


def _refuse_foreign(folder: Path, name: str) -> None:
    """Nothing but an earlier benchmark of this name, known by its details.json, may be replaced."""
    details = folder / "details.json"
    if not folder.exists():
        return
    try:
        found = f"that of {json.loads(details.read_text())['benchmark']!r}"
    except FileNotFoundError:
        found = "no details.json"
    except (ValueError, TypeError, KeyError):
        found = "a details.json with no details of a benchmark"
    if found != f"that of {name!r}":
        raise FileExistsError(f"{folder}: expected nothing or a benchmark {name!r} to replace, found {found}; give another --out")


if __name__ == "__main__":
    main()
