"""OpenVINO in a process of its own, the same weights in a graph of its own opset, the cache as state; one JSON line.

(Its reader of ONNX lacks QuickGelu and more of what the converted folder's graphs hold.)
"""

import json
import sys
import time

import numpy as np
import openvino as ov
from openvino import opset13 as op
from openvino.op import Constant
from openvino.op.util import Variable, VariableInfo

BLOCK = 32


class Weights:
    """The placed weights of a folder, as arrays over the mapped files."""

    def __init__(self, files):
        self.places = {}
        self.kept = []  # what tensors are views of
        for file in files:
            data = np.memmap(file["path"], np.uint8, "r")
            for key, offset, length in file["placements"]:
                self.places[key] = data[offset : offset + length]

    def floats(self, key, shape):
        return self.places[key].view(np.float32).reshape(shape)

    def linear(self, x, source, rows, columns):
        """x W^T, W in blocks of 4 bits around 8, a scale for each."""
        shape = [rows, columns // BLOCK, BLOCK]
        packed = np.array(self.places[source + ".q4"])
        self.kept.append(packed)
        numbers = Constant(ov.Tensor(packed, ov.Shape(shape), ov.Type.u4))
        scales = op.constant(self.floats(source + ".q4.scales", [rows, columns // BLOCK, 1]))
        middle = op.convert(op.constant(np.array(8), ov.Type.u4), "f32")
        whole = op.multiply(op.subtract(op.convert(numbers, "f32"), middle), scales)
        weight = op.reshape(whole, np.array([rows, columns]), False)
        return op.matmul(x, weight, False, True)


def build(spec, weights):
    hidden, inner, vocabulary = spec["hiddenSize"], spec["intermediateSize"], spec["vocabularySize"]
    heads, width = spec["heads"], spec["headDim"]
    prefix = "language_model.model"
    ids = op.parameter([1, -1], np.int64, "ids")
    positions = op.parameter([1, -1], np.int64, "positions")
    table = op.constant(weights.floats(prefix + ".embed_tokens.weight", [vocabulary, hidden]))
    x = op.gather(table, ids, np.int64(0))
    frequencies = spec["rope"]["theta"] ** (-np.arange(0, width, 2, dtype=np.float32) / width)
    angles = op.multiply(op.unsqueeze(op.convert(positions, "f32"), np.int64(2)), op.constant(frequencies[None, None]))
    both = op.unsqueeze(op.concat([angles, angles], 2), np.int64(1))
    cos, sin = op.cos(both), op.sin(both)
    sinks = []

    def norm(value, key):
        squares = op.reduce_mean(op.multiply(value, value), np.array([-1]), True)
        root = op.sqrt(op.add(squares, op.constant(np.float32(spec["rmsNormEpsilon"]))))
        return op.multiply(op.divide(value, root), op.constant(weights.floats(key, [hidden])))

    def split(value):
        return op.transpose(op.reshape(value, np.array([0, 0, heads, width]), True), np.array([0, 2, 1, 3]))

    def rotate(value):
        first, second = op.split(value, np.int64(3), 2).outputs()
        turned = op.concat([op.negative(second), first], 3)
        return op.add(op.multiply(value, cos), op.multiply(turned, sin))

    def remembered(value, name):
        info = VariableInfo()
        info.data_shape, info.data_type, info.variable_id = ov.PartialShape([1, heads, -1, width]), ov.Type.f32, name
        variable = Variable(info)
        empty = op.constant(np.zeros((1, heads, 0, width), np.float32))
        past = op.read_value(empty, variable)
        all_rows = op.concat([past, value], 2)
        sinks.append(op.assign(all_rows, variable))
        return all_rows

    # Which rows each row sees: those before it, and itself.
    total = op.gather(op.shape_of(positions), np.int64(1), np.int64(0))
    last = op.add(op.gather(op.reshape(positions, np.array([-1]), False), op.subtract(total, op.constant(np.int64(1))), np.int64(0)), op.constant(np.int64(1)))
    columns = op.range(op.constant(np.int64(0)), last, op.constant(np.int64(1)), "i64")
    seen = op.less_equal(op.unsqueeze(columns, np.int64(0)), op.unsqueeze(op.reshape(positions, np.array([-1]), False), np.int64(1)))
    mask = op.unsqueeze(op.unsqueeze(op.select(seen, op.constant(np.float32(0)), op.constant(np.float32(-1e30))), np.int64(0)), np.int64(0))

    for layer in range(spec["layers"]):
        name = f"{prefix}.layers.{layer}"
        normed = norm(x, name + ".input_layernorm.weight")
        q, k, v = (weights.linear(normed, f"{name}.self_attn.{part}_proj.weight", hidden, hidden) for part in "qkv")
        keys = remembered(rotate(split(k)), f"key.{layer}")
        values = remembered(split(v), f"value.{layer}")
        attended = op.scaled_dot_product_attention(rotate(split(q)), keys, values, mask)
        joined = op.reshape(op.transpose(attended, np.array([0, 2, 1, 3])), np.array([0, 0, hidden]), True)
        x = op.add(x, weights.linear(joined, name + ".self_attn.o_proj.weight", hidden, hidden))
        normed = norm(x, name + ".post_attention_layernorm.weight")
        gate = op.swish(weights.linear(normed, name + ".mlp.gate_proj.weight", inner, hidden))
        up = weights.linear(normed, name + ".mlp.up_proj.weight", inner, hidden)
        x = op.add(x, weights.linear(op.multiply(gate, up), name + ".mlp.down_proj.weight", hidden, inner))
    final = norm(op.gather(x, op.constant(np.array([-1])), np.int64(1)), prefix + ".norm.weight")
    logits = weights.linear(final, "language_model.lm_head.weight", vocabulary, hidden)
    return ov.Model([op.result(logits)], sinks, [ids, positions], "language")


given = json.loads(sys.argv[1])
settings = {"INFERENCE_NUM_THREADS": given["threads"], "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
weights = Weights(given["weights"])
model = build(given["language"], weights)
compiled = ov.Core().compile_model(model, "CPU", settings)
request = compiled.create_infer_request()


def ask(prompt, tokens):
    request.reset_state()
    ids = [300 + (at * 37) % 1000 for at in range(prompt)]
    answer, times, length = [], [], 0
    while len(answer) < tokens:
        start = time.perf_counter()
        positions = np.arange(length, length + len(ids), dtype=np.int64)[None]
        out = request.infer({0: np.array([ids], np.int64), 1: positions})
        length += len(ids)
        ids = [int(next(iter(out.values()))[0, -1].argmax())]
        times.append(1000 * (time.perf_counter() - start))
        answer += ids
    return {"first": times[0], "steps": times[1:], "ids": answer}


def memory():
    with open("/proc/self/status") as status:
        lines = dict(line.split(":", 1) for line in status)
    peak, anonymous = (int(lines[name].split()[0]) * 1024 for name in ("VmHWM", "RssAnon"))
    return {"peak": peak, "anonymous": anonymous}


ask(8, 2)
runs = [ask(run["prompt"], run["tokens"]) for run in given["runs"]]
print(json.dumps({"runs": runs, "memory": memory()}))
