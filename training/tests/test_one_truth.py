"""The comparison of the two languages, and a few questions of it with the bundled checkpoint."""

import sys

import pytest
from typescript import require_typescript

torch = pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[train]'")
pytest.importorskip("transformers", reason="transformers is not installed: pip install -e '.[train]'")

from tiny_llava import make_tokenizer  # noqa: E402

from evaluation import one_truth  # noqa: E402
from evaluation.official import Truth  # noqa: E402


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The command over two questions; its exit status and its report."""
    require_typescript()
    out = tmp_path / "truth"

    def run(*more):
        arguments = ["--out", str(out), "--tasks", "vqav2", "--limit", "2", *more]
        monkeypatch.setattr(sys, "argv", ["one_truth", *arguments])
        with pytest.raises(SystemExit) as ended:
            one_truth.main()
        report = out / "report.md"
        return ended.value.code, report.read_text() if report.exists() else None

    return run


def test_both_languages_answer_alike(run, monkeypatch):
    code, report = run("--shipped", str(one_truth.ROOT / "models/pocket-llava"))
    assert "2 questions, 2 pictures, the same pixels in both." in report
    assert code == 0 and "failures: 0." in report and ", within 1." in report, report
    ours = one_truth._typescript
    monkeypatch.setattr(one_truth, "_typescript", lambda *given: _otherwise(ours(*given)))
    code, report = run()
    assert code == 1 and "failures: 2." in report and report.count("| FAILURE |") == 2


def _otherwise(answers):
    return {task: {key: f"{text} or so" for key, text in own.items()} for task, own in answers.items()}


def test_other_pixels_are_an_error(run, monkeypatch):
    monkeypatch.setattr(one_truth, "_same_pixels", lambda path, expected: not path.name.endswith("0.jpg"))
    code, report = run()
    assert "1 pictures are decoded otherwise in Python" in code and report is None


@pytest.mark.parametrize(
    ("other", "step"),
    [("red green", 2), ("red green blue", 2), ("red", 1), ("red blue", 1), ("no", 0), ("", 0)],
)
def test_an_answer_parts_where_it_first_goes_another_way(other, step):
    tokenizer = make_tokenizer()
    tokens = tokenizer(" red green", add_special_tokens=False)["input_ids"]
    assert len(tokens) == 2
    truth = Truth(tokens, [0.5, 0.25, 0.125])  # the last one is the end token's
    assert truth.text(tokenizer) == "red green"
    assert truth.parting(tokenizer, other) == truth.gaps[step]
