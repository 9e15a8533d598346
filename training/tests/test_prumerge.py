"""Against recorded runs of the released code (test/fixtures/goldens/prumerge), and for what it cannot do."""

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[train]'")
safetensors = pytest.importorskip("safetensors.torch", reason="safetensors is not installed: pip install -e '.[train]'")

from reduction import prumerge as methods  # noqa: E402
from reduction.signals import class_attention, outlier_counts, released_counts  # noqa: E402

ROOT = Path(__file__).parents[2]
GOLDENS = ROOT / "test/fixtures/goldens/prumerge"
CASES = {case["name"]: case for case in json.loads((GOLDENS / "manifest.json").read_text())["cases"]}
RAISES_STILL = {"n576a-plus-fixed0.3"}


def signals(case):
    """Features, keys with the class token's, and the class token's query."""
    rows = case["inputs"]
    tensors = safetensors.load_file(GOLDENS / rows["file"])
    if case["parameters"]["level"] == "model":
        return tensors[rows["hidden_states_minus2"]][:, 1:], tensors[rows["k_last"]], tensors[rows["q_last"]][:, 0]
    x, k = tensors[rows["x"]], tensors[rows["k"]]
    q = tensors[rows["q_cls"]] if "q_cls" in rows else tensors[rows["q"]][..., 0, :]
    return (x, k, q) if x.dim() == 3 else (x[None], k[None], q[None])


def expected(case):
    """Attention, kept patches and tokens; of the repaired twin, or of our own rule, where the released code raises."""
    tensors = safetensors.load_file(GOLDENS / case["expected_file"])
    attention = tensors[case["expected"]["attn"]]
    if case["expected_error"]:
        twins = [CASES.get(case["name"] + ending) for ending in ("-grid", "-gridN", "-k", "-grid-k")]
        twin = next((twin for twin in twins if twin), None)
        if twin is None:
            ours = safetensors.load_file(ROOT / "test/goldens/prumerge/defined-by-us.safetensors")
            pictures = range(len(attention))
            kept = [ours[f"{case['name']}.{picture}.kept"].tolist() for picture in pictures]
            return attention, kept, [ours[f"{case['name']}.{picture}.out"] for picture in pictures], None
        case = twin
    return attention, case["expected"]["kept_indices"], list(tensors[case["expected"]["out"]]), case


def reduce(case, attention, keys):
    plus, parameters = case["source"]["function"].endswith("_plus"), case["parameters"]
    if not parameters["if_adaptive"]:
        method = methods.prumerge_plus_fixed if plus else methods.prumerge_fixed
        return method(attention, keys, parameters["reduction_ratio_argument"])
    return (
        methods.prumerge_plus(attention, keys)
        if plus
        else methods.prumerge(attention, keys, released_counts(attention))
    )


def test_every_recorded_case_is_covered():
    assert len(CASES) == 68 and set(CASES) > RAISES_STILL


@pytest.mark.parametrize("name", sorted(set(CASES) - RAISES_STILL))
def test_recorded_case(name):
    case = CASES[name]
    features, keys, query = signals(case)
    attention = class_attention(query, keys)
    recorded, kept, tokens, twin = expected(case)
    torch.testing.assert_close(attention, recorded, rtol=2e-5, atol=1e-9)
    if case["ambiguous"] == "set":
        attention = _break_ties(attention, kept)
    plans = reduce(case, attention, keys[:, 1:])
    reduced = plans.apply(features)
    for picture in range(len(features)):
        count = int(plans.counts()[picture])
        found = plans.kept[picture, : count - 1].tolist()
        assert plans.kept[picture, count - 1] == -1
        assert (sorted(found) == sorted(kept[picture])) if case["ambiguous"] else (found == kept[picture])
        if case["ambiguous"]:
            order = [kept[picture].index(patch) for patch in found]
            wanted = tokens[picture][[*order, -1]] if case["ambiguous"] != "set" else tokens[picture]
        else:
            wanted = tokens[picture]
        error = (reduced[picture, :count] - wanted).abs().max() / wanted.abs().max()
        assert error < (1e-4 if case["parameters"]["level"] == "model" else 1e-5)
        complement = (twin or case)["expected"].get("complement_indices")
        if complement:
            left = plans.weights[picture, count - 1].nonzero().flatten().tolist()
            assert left == complement[picture]


def _break_ties(attention, kept):
    """Among equal values torch.topk may choose any: lift the recorded ones by next to nothing."""
    lifted = attention.clone()
    top = kept[0][: int(attention.shape[1] / 8)]
    step = torch.arange(len(top), 0, -1) * 1e-12
    lifted = lifted.double()
    lifted[0, top] += step.double()
    return lifted


def test_ratios_whose_parts_differ_in_length_are_refused():
    case = CASES["n576a-plus-fixed0.3"]
    assert case["expected_error"]["type"] == "RuntimeError"
    _, keys, query = signals(case)
    with pytest.raises(ValueError, match=r"ratio 0.3 .* found 192 and 172"):
        methods.prumerge_plus_fixed(class_attention(query, keys), keys[:, 1:], 0.3)


METHODS = [methods.prumerge, methods.prumerge_plus, methods.prumerge_plus_fixed, methods.prumerge_fixed]


@pytest.mark.parametrize("method", METHODS)
def test_pictures_of_a_batch_do_not_influence_each_other(method):
    generator = torch.Generator().manual_seed(3)
    keys = torch.randn(5, 577, 24, generator=generator) * torch.tensor([0.5, 1, 2, 3, 4])[:, None, None]
    query, features = torch.randn(5, 24, generator=generator), torch.randn(5, 576, 8, generator=generator)
    attention = class_attention(query, keys)
    together = method(attention, keys[:, 1:])
    reduced = together.apply(features)
    if "fixed" not in method.__name__:
        assert len(set(together.counts().tolist())) > 2
    for picture in range(5):
        one = slice(picture, picture + 1)
        alone = method(attention[one], keys[one, 1:])
        count = int(alone.counts())
        assert int(together.counts()[picture]) == count == alone.weights.shape[1]
        torch.testing.assert_close(reduced[picture, :count], alone.apply(features[one])[0])
        assert not reduced[picture, count:].any() and not together.is_row[picture, count:].any()


@pytest.mark.parametrize("method", METHODS)
def test_gradients(method):
    """With respect to features, query and keys; the choice of patches is constant near the point."""
    generator = torch.Generator().manual_seed(5)

    def make(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    query, keys, features = make(2, 4), make(2, 17, 4), make(2, 16, 3)
    keys[:, [3, 9]] += 3 * query[:, None] / query.norm(dim=-1)[:, None, None]  # some patches stand out
    options = {"ratio": 1 / 4} if "fixed" in method.__name__ else {}
    assert "fixed" in method.__name__ or (outlier_counts(class_attention(query, keys)) > 0).any()

    def reduced(query, keys, features):
        return method(class_attention(query, keys), keys[:, 1:], neighbours=5, **options).apply(features)

    inputs = [part.requires_grad_() for part in (query, keys, features)]
    assert torch.autograd.gradcheck(reduced, inputs)
    grads = torch.autograd.grad(reduced(*inputs).square().sum(), inputs)
    assert all(grad.abs().max() > 0 for grad in grads)


def test_half_precision_features_keep_their_type():
    keys = torch.randn(1, 577, 16)
    plans = methods.prumerge_plus_fixed(class_attention(keys[:, 0], keys), keys[:, 1:])
    assert plans.apply(torch.randn(1, 576, 8, dtype=torch.bfloat16)).dtype == torch.bfloat16
