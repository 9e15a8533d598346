"""The methods by name against prumerge's own planner."""

import pytest
from typescript import ask

torch = pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[train]'")

from reduction.methods import method  # noqa: E402
from reduction.sampling import one_hot, random, uniform  # noqa: E402
from reduction.signals import mean_attention  # noqa: E402


def signals(pictures=3, side=8, width=6, seed=1):
    torch.manual_seed(seed)
    attention = (torch.randn(pictures, side * side) * 1.3).softmax(-1)
    attention[1] = torch.full((side * side,), 1 / (side * side + 1))  # nothing stands out
    return attention, torch.randn(pictures, side * side, width)


METHODS = {
    "prumerge": ("prumerge", {}),
    "prumerge:adaptive": ("prumerge", {}),
    "prumerge:adaptive:5": ("prumerge", {"maxTokens": 5}),
    "prumerge:1": ("prumerge", {"tokens": 1}),
    "prumerge:12": ("prumerge", {"tokens": 12}),
    "prumerge+": ("prumerge+", {}),
    "prumerge+:adaptive:16": ("prumerge+", {"maxTokens": 16}),
    "prumerge+:2": ("prumerge+", {"tokens": 2}),
    "prumerge+:21": ("prumerge+", {"tokens": 21}),
    "prumerge+:65": ("prumerge+", {"tokens": 65}),
}
SEED = 4211111123
COUNTS = (1, 2, 7, 32, 63, 64)
SAMPLINGS = [("uniform", {"tokens": count}) for count in COUNTS]
SAMPLINGS += [("random", {"tokens": count, "seed": SEED}) for count in COUNTS]


@pytest.fixture(scope="module")
def product():
    """Dense plans of each case, picture by picture, by prumerge's planner."""
    attention, keys = signals()
    cases = [*METHODS.values(), *SAMPLINGS]
    found = ask(
        "plan.mjs",
        {
            "cases": [{"method": method, "options": options} for method, options in cases],
            "attention": attention.tolist(),
            # The class token's key comes first there.
            "keys": torch.cat([keys.new_ones(len(keys), 1, keys.shape[2]), keys], 1).tolist(),
            "side": 8,
        },
    )
    plans = [[torch.tensor(flat).view(-1, 64) for flat in pictures] for pictures in found]
    return dict(zip([*METHODS, *map(str, SAMPLINGS)], plans, strict=True))


@pytest.mark.parametrize("text", METHODS)
def test_same_plans_as_the_product(text, product):
    plans = method(text).plan(*signals())
    for picture, wanted in enumerate(product[text]):
        assert int(plans.counts()[picture]) == len(wanted)
        torch.testing.assert_close(plans.weights[picture, : len(wanted)], wanted, rtol=1e-5, atol=1e-7)
        assert not plans.weights[picture, len(wanted) :].any()


@pytest.mark.parametrize("sampling", SAMPLINGS, ids=str)
def test_samplings_take_the_product_s_patches(sampling, product):
    name, options = sampling
    count = options["tokens"]
    kept = uniform(8, 8, count) if name == "uniform" else random(64, count, SEED)
    assert torch.equal(one_hot([[0], kept], 64).weights[1], product[str(sampling)][1])


NO_RATIOS = [f"prumerge+:fixed:{ratio}" for ratio in ("0", "-1", "1.01", "nan", "inf")]


@pytest.mark.parametrize("text", ["", "tome", "none:4", "prumerge:x", "prumerge:0", *NO_RATIOS])
def test_refuses_what_is_no_method(text):
    with pytest.raises(ValueError, match="method"):
        method(text)


def test_the_whole_picture_is_a_ratio():
    assert method("prumerge:fixed:1").plan(*signals()).counts().tolist() == [65] * 3


def test_refuses_more_rows_than_there_are():
    with pytest.raises(ValueError, match="1 to 65 rows, found 66"):
        method("prumerge:66").plan(*signals())


def test_mean_attention_is_the_mean_of_all_rows():
    torch.manual_seed(2)
    queries, keys = torch.randn(2, 10, 4, dtype=torch.float64), torch.randn(2, 10, 4, dtype=torch.float64)
    whole = (queries @ keys.mT / 2).softmax(-1).mean(1)
    torch.testing.assert_close(mean_attention(queries, keys, block=3), whole)
