"""Several processes of one run: a failure in one of them ends all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[train]'")
pytest.importorskip("transformers", reason="transformers is not installed: pip install -e '.[train]'")

from tiny_llava import write_checkpoint, write_data  # noqa: E402

TRAINING = Path(__file__).parents[1]
SECONDS = 300
"""Far less than the half hour after which a collective gives up"""


def test_a_picture_that_one_process_cannot_read_ends_both_and_is_named(tmp_path):
    write_checkpoint(tmp_path / "base")
    write_data(tmp_path)
    broken = tmp_path / "images/deep/5.png"
    broken.write_bytes(broken.read_bytes()[:60])
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "tune_lora.py"]
    command += ["--model", str(tmp_path / "base"), "--data", str(tmp_path / "data.json")]
    command += ["--images", str(tmp_path / "images"), "--out", str(tmp_path / "out"), "--reduce", "prumerge"]
    command += ["--rank", "4", "--batch", "4", "--micro-batch", "2", "--workers", "0", "--dropout", "0"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    run = subprocess.Popen(command, cwd=TRAINING, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        _, errors = run.communicate(timeout=SECONDS)
    finally:
        run.terminate()  # takes its processes with it
    assert run.returncode != 0
    assert "item 5" in errors and str(broken) in errors
