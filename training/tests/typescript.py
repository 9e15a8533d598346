"""Runs scripts over the built prumerge, and skips with the reason where there is none."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAIN = ROOT / "dist/cli/main.js"


def require_typescript():
    if shutil.which("node") is None or not MAIN.is_file():
        pytest.skip("prumerge is not built: run `npm ci && npm run build` in the repository's root")


def prumerge(*arguments):
    """The command line; fails with what it wrote to standard error."""
    require_typescript()
    return _run([MAIN, *arguments])


def ask(script, question):
    """Runs a script of this folder with one JSON object on standard input; returns the one on its output."""
    require_typescript()
    return json.loads(_run([Path(__file__).parent / script], json.dumps(question)))


def _run(command, text=None):
    done = subprocess.run(
        ["node", *map(str, command)], input=text, capture_output=True, text=True, check=False, cwd=ROOT, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
