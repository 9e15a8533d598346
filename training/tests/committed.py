"""Reads the committed benchmarks."""

import csv
import json
from pathlib import Path

POCKET = Path(__file__).parents[2] / "benchmarks/pocket"
csv.field_size_limit(10**9)


def read(path):
    return json.loads((POCKET / path).read_text())


def lines(path):
    return [json.loads(line) for line in (POCKET / path).read_text().splitlines()]


def rows_of_mmbench():
    with (POCKET / "mmbench/mmbench_dev_20230712.tsv").open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))
