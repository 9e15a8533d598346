"""Writes all seven benchmarks and their data card.

python -m benchmarks.write --out ../benchmarks/pocket"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from benchmarks import gqa, mmbench, mme, pope, scienceqa, textvqa, vqav2
from benchmarks.card import card
from benchmarks.measure import learn, measure
from pocket_world.assets import Assets

BENCHMARKS = (vqav2, gqa, scienceqa, textvqa, pope, mme, mmbench)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    assets = Assets()
    answerers = learn()
    results = {}
    for benchmark in BENCHMARKS:
        folder = out / benchmark.NAME
        if folder.exists():
            shutil.rmtree(folder)
        results[benchmark.NAME] = measure(benchmark.write(folder, assets), *answerers)
        for row in results[benchmark.NAME]:
            print(
                f"{benchmark.NAME:10} {row.part:22} {row.questions:4} questions, {row.details:4} on small things; ",
                end="",
            )
            print(f"without pictures: chance {row.chance:4.1f}, majority {row.majority:4.1f}, words {row.words:4.1f}")
    (out / "README.md").write_text(card(results, out))


if __name__ == "__main__":
    main()
