"""The comparison of the two languages, and a few questions of it with the bundled checkpoint."""

import json
import sys
from argparse import Namespace
from pathlib import Path

import pytest
from typescript import require_typescript

torch = pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[train]'")
pytest.importorskip("transformers", reason="transformers is not installed: pip install -e '.[train]'")

from tiny_llava import make_tokenizer  # noqa: E402

from evaluation import one_truth  # noqa: E402
from evaluation.node import Asked, Picture  # noqa: E402
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


def asked(text="What?", picture="1"):
    about = Picture(Path("1.jpg"), picture, "")
    return Asked("textvqa", "7", text, 4, about, {"question_id": "1", "prompt": text})


def test_the_other_language_answers_what_is_asked_now(tmp_path, monkeypatch):
    """A journal keeps what was asked of the same questions under other rules."""

    def write(*_):
        lines = [{"task": "textvqa", "id": "7", "kind": "answer", "text": text} for text in ("stop", "go")]
        (tmp_path / "fp32/answers/textvqa").mkdir(parents=True)
        (tmp_path / "fp32/journal.jsonl").write_text("{}\n" + "".join(json.dumps(line) + "\n" for line in lines))
        (tmp_path / "fp32/answers/textvqa/none.jsonl").write_text(json.dumps({"question_id": "1", "text": "stop"}) + "\n")

    monkeypatch.setattr(one_truth, "prumerge", write)
    options = Namespace(out=tmp_path, limit=None, rule=[], data="data")
    assert one_truth._typescript(options, [asked()], "fp32", tmp_path) == {"textvqa": {"7": "stop"}}


def test_a_truth_is_to_a_text_about_a_picture(tmp_path, monkeypatch):
    told = []

    def answer(_, __, left):
        told.append(len(left))
        yield [(question, Truth([len(told)], [1.0])) for question in left]

    monkeypatch.setattr(one_truth, "answer_all", answer)
    monkeypatch.setattr(one_truth, "digest", lambda _: "model")
    options = Namespace(out=tmp_path, checkpoint=tmp_path)

    def tokens(question):
        return one_truth._truth(options, None, None, [question])[question.key].tokens

    assert [tokens(asked()), tokens(asked(picture="2")), tokens(asked("Who?")), tokens(asked())] == [[1], [2], [3], [1]]
    assert told == [1, 1, 1, 0]


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
