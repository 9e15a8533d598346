"""prumerge's own programs: questions, official scores, conversion, its answers."""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MAIN = ROOT / "dist/cli/main.js"


@dataclass(frozen=True)
class Picture:
    path: Path
    sha256: str
    """Of the file"""
    pixels: str
    """sha256 of what prumerge decodes it to: RGB, row by row"""


@dataclass(frozen=True)
class Asked:
    task: str
    id: str
    text: str
    """Of the user's turn, without `<image>`"""
    limit: int
    """Tokens of the answer"""
    picture: Picture | None
    llava: dict[str, Any]
    """`question_id` and `prompt` in LLaVA's answer files"""

    @property
    def key(self) -> tuple[str, str]:
        return self.task, self.id

    @property
    def digest(self) -> str:
        """Of what decides its answer: benchmarks are made anew, and lie in other folders, under the same ids."""
        parts = [self.text, self.limit, self.picture and self.picture.sha256]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def questions(data: Path, work: Path, tasks: list[str] | None, rules: dict[str, str], limit: int | None) -> list[Asked]:
    """`tasks`: all where None. `limit`: about so many of each. `work`: for pictures that lie inside of the data."""
    request: dict[str, Any] = {"data": str(data), "rules": rules, "limit": limit, "pictures": str(work / "pictures")}
    if tasks is not None:
        request["tasks"] = tasks
    lines = _run([HERE / "questions.mjs"], json.dumps(request)).splitlines()
    return [_asked(json.loads(line)) for line in lines]


def scores(data: Path, rules: dict[str, str], sets: dict[str, Any]) -> dict[str, Any]:
    """See score.mjs."""
    request = {"data": str(data), "rules": rules, "sets": sets}
    return json.loads(_run([HERE / "score.mjs"], json.dumps(request)))


def prumerge(*arguments: object) -> str:
    return _run([MAIN, *arguments])


def _asked(line: dict[str, Any]) -> Asked:
    found = line["picture"]
    picture = found and Picture(Path(found["path"]), found["sha256"], found["pixels"])
    return Asked(line["task"], line["id"], line["text"], line["maxNewTokens"], picture, line["llava"])


def _run(command: list[object], text: str | None = None) -> str:
    if not MAIN.is_file():
        raise FileNotFoundError(f"{MAIN}: run `npm ci && npm run build` in the repository's root")
    done = subprocess.run(["node", *map(str, command)], input=text, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"node {command[0]} failed; see above")
    return done.stdout
