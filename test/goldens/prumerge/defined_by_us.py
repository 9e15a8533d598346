"""Writes defined-by-us.safetensors: numpy's own derivation of PruMerge+, picture by picture, for the recorded inputs at
which the released code raises and no repaired twin was recorded (docs/reduction-settings.md has the rule).

    python defined_by_us.py ../../fixtures/goldens/prumerge
"""
import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

folder = Path(sys.argv[1])
cases = {case["name"]: case for case in json.loads((folder / "manifest.json").read_text())["cases"]}


def kept_patches(attention):
    count = len(attention)
    q1, q3 = np.percentile(attention, 25), np.percentile(attention, 75)
    outliers = int((attention > q3 + np.float32(1.5) * (q3 - q1)).sum())
    top = np.argsort(-attention, kind="stable")[:outliers].tolist()
    if outliers == 0:
        side = int(count**0.5)
        lines = [int((i + 0.5) * side / 4) for i in range(4)]
        return [row * side + column for row in lines for column in lines]
    stride = max(1, (count // outliers) // 3)
    return top + [patch for patch in range(0, count - 1, stride) if patch not in top]


def merged(kept, attention, keys, features):
    a, k, x = (array.astype(np.float64) for array in (attention, keys, features))
    k /= np.linalg.norm(k, axis=1, keepdims=True)
    rows = []
    for patch in kept:
        similarity = k @ k[patch]
        similarity[patch] = -np.inf
        near = np.argsort(-similarity, kind="stable")[:32]
        rows.append(x[patch] + a[near] @ x[near])
    left = np.setdiff1d(np.arange(len(a)), kept)
    return np.array([*rows, a[left] @ x[left]], dtype=np.float32)


tensors = {}
for name in ("b576a-plus-adaptive", "t576a-uniform-plus-adaptive"):
    case = cases[name]
    inputs = load_file(folder / case["inputs"]["file"])
    attention = load_file(folder / case["expected_file"])[case["expected"]["attn"]]
    batch, patches = attention.shape
    features = inputs[case["inputs"]["x"]].reshape(batch, patches, -1)
    keys = inputs[case["inputs"]["k"]].reshape(batch, patches + 1, -1)[:, 1:]
    for picture in range(batch):
        kept = kept_patches(attention[picture])
        tensors[f"{name}.{picture}.kept"] = np.array(kept, dtype=np.int32)
        tensors[f"{name}.{picture}.out"] = merged(kept, attention[picture], keys[picture], features[picture])
save_file(tensors, Path(__file__).with_name("defined-by-us.safetensors"))
