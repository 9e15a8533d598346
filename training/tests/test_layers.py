"""What the training of pocket-llava computes in."""

import builtins
import io

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[train]'")

from pocket_model.layers import compute_dtype  # noqa: E402


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("flags : avx512f", "float32"),
        ("flags : avx512f amx_bf16", "bfloat16"),
        ("flags : avx512f avx512_bf16", "bfloat16"),
    ],
)
@pytest.mark.parametrize("gpu", [False, True])
def test_the_processor_decides_since_nothing_leaves_it(flags, expected, gpu, monkeypatch):
    real = builtins.open
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    monkeypatch.setattr(
        builtins, "open", lambda path, *rest: io.StringIO(flags) if path == "/proc/cpuinfo" else real(path, *rest)
    )
    assert compute_dtype() is getattr(torch, expected)
