"""The engine against transformers' own generation, and the command from questions to the table."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from typescript import prumerge, require_typescript

torch = pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[train]'")
pytest.importorskip("transformers", reason="transformers is not installed: pip install -e '.[train]'")

from PIL import Image  # noqa: E402
from tiny_llava import write_checkpoint, write_data  # noqa: E402

from evaluation import __main__ as command  # noqa: E402
from evaluation.answering import Journal, Work, answer_all  # noqa: E402
from evaluation.configurations import configurations, rows  # noqa: E402
from evaluation.engine import Question  # noqa: E402
from evaluation.families import percent, right_answers  # noqa: E402
from evaluation.models import answerer_of, load, processor_of  # noqa: E402
from evaluation.node import Asked, Picture  # noqa: E402
from evaluation.statistics import Resamples  # noqa: E402
from tuning.adapter import save_adapter  # noqa: E402
from tuning.low_rank import add_low_rank, low_rank_layers  # noqa: E402
from tuning.sight import see  # noqa: E402

TEXTS = ("What color is it?", "Is it red?", "What is two and two?", "And one more, and what color is it then?")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluation")
    write_checkpoint(folder / "base")
    write_data(folder, count=3)
    return folder


@pytest.fixture(scope="module")
def ready(folder):
    model = load(folder / "base")
    processor = processor_of(folder / "base", model)
    names = ("0.jpg", "deep/1.png", "2.jpg")
    pixels = torch.stack([processor.pixels(Image.open(folder / "images" / name)) for name in names])
    return answerer_of(model, processor), pixels


@torch.inference_mode()
def generated(model, tokenizer, ids, limit, embeddings=None, pixels=None):
    """transformers' generate, one question at a time."""
    given = {"inputs_embeds": embeddings[None]} if embeddings is not None else {"input_ids": torch.tensor([ids])}
    if pixels is not None:
        place = ids.index(model.config.image_token_id)
        expanded = [*ids[:place], *[model.config.image_token_id] * 64, *ids[place + 1 :]]
        given = {"input_ids": torch.tensor([expanded]), "pixel_values": pixels}
    mask = torch.ones(next(iter(given.values())).shape[:2], dtype=torch.long)
    found = model.generate(**given, attention_mask=mask, max_new_tokens=limit, do_sample=False, pad_token_id=3)
    new = found[0] if embeddings is not None else found[0, given["input_ids"].shape[1] :]
    return tokenizer.decode(new, skip_special_tokens=True).strip()


def test_unreduced_answers_are_those_of_transformers(ready):
    answerer, pixels = ready
    model = answerer.model
    seen = see(model, pixels)
    projected = [model.model.multi_modal_projector(picture) for picture in rows(None, seen)]
    asked = [
        Question(answerer.ids(text, picture is not None), picture, limit)
        for text, picture, limit in zip(TEXTS * 3, [0, 1, None, 2, 2, 1, 0, None, 0, 1, 2, 2], [5, 9] * 6, strict=True)
    ]
    found = answerer.answer(projected, asked)
    for question, answer in zip(asked, found, strict=True):
        own = None if question.picture is None else pixels[question.picture][None]
        expected = generated(model, answerer.tokenizer, question.ids, question.limit, pixels=own)
        assert answer.text == expected
        assert answer.gap > 0
    assert len({answer.text for answer in found}) > 3


@pytest.mark.parametrize("name", ["prumerge", "uniform as prumerge", "random as prumerge", "prumerge+:7"])
def test_pictures_of_different_counts_do_not_disturb_each_other(name, ready):
    answerer, pixels = ready
    model = answerer.model
    seen = see(model, pixels)
    configuration = next(one for one in configurations(["prumerge", "prumerge+:7"]) if one.name == name)
    digests = ["00000001", "00000002", "00000003"]
    with torch.inference_mode():
        reduced = rows(configuration.plans(seen, digests, 0), seen)
        projected = [model.model.multi_modal_projector(picture) for picture in reduced]
    counts = [len(picture) for picture in reduced]
    assert counts == [7] * 3 if name == "prumerge+:7" else len(set(counts)) > 1
    asked = [Question(answerer.ids(text, True), place % 3, 6) for place, text in enumerate(TEXTS * 2)]
    embed = model.get_input_embeddings()
    for question, answer in zip(asked, answerer.answer(projected, asked), strict=True):
        at = question.ids.index(answerer.image_id)
        before, after = (embed(torch.tensor(part)) for part in (question.ids[:at], question.ids[at + 1 :]))
        whole = torch.cat([before, projected[question.picture], after])
        assert answer.text == generated(model, answerer.tokenizer, question.ids, 6, embeddings=whole)


def test_counts_are_equal_picture_by_picture(ready):
    answerer, pixels = ready
    seen = see(answerer.model, pixels)
    none, method, uniform, random = configurations(["prumerge"])
    counts = [[len(picture) for picture in rows(one.plans(seen, ["0"] * 3, 0), seen)] for one in (method, uniform)]
    assert counts[0] == counts[1] == [len(picture) for picture in rows(random.plans(seen, ["0"] * 3, 0), seen)]
    assert [len(picture) for picture in rows(none.plans(seen, ["0"] * 3, 0), seen)] == [64] * 3


def test_intervals_and_the_share_brought_back():
    dice = np.random.default_rng(1)
    full = {"a": np.ones(400), "b": (dice.random(300) < 0.9).astype(float)}
    lost = {task: credit * (dice.random(len(credit)) < 0.7) for task, credit in full.items()}
    back = {task: np.where(dice.random(len(credit)) < 0.5, full[task], credit) for task, credit in lost.items()}
    draws = Resamples({"a": np.arange(400), "b": np.arange(300)})
    mean = draws.mean(full)
    assert mean.value == pytest.approx(50 + 50 * full["b"].mean()) and mean.low < mean.value < mean.high
    share = draws.recovered(full, lost, back)
    assert 30 < share.low < share.value < share.high < 70
    assert draws.difference(full, full).high == 0
    assert not np.isfinite(draws.recovered(full, full, full).value)
    # A proportion's standard error: 1.96 sqrt(p (1 - p) / n)
    alone = Resamples({"b": np.arange(300)}).mean({"b": full["b"]})
    p = full["b"].mean()
    width = 2 * 196 * np.sqrt(p * (1 - p) / 300)
    assert alone.high - alone.low == pytest.approx(width, rel=0.12)
    # Three copies of each unit, about one picture, say no more than one
    copied = Resamples({"b": np.repeat(np.arange(300), 3)}).mean({"b": np.repeat(full["b"], 3)})
    assert copied.value == pytest.approx(alone.value) and copied.high - copied.low == pytest.approx(width, rel=0.12)


def asked(id, task="gqa", text="What?", picture="1", limit=4):
    return Asked(task, id, text, limit, Picture(Path("1.jpg"), picture, ""), {})


def line(question, text, tokens=64):
    return {
        **{"variant": "plain", "configuration": "none", "task": question.task, "id": question.id},
        **{"asked": question.digest, "text": text, "visual_tokens": tokens},
    }


def test_a_torn_journal_is_read_up_to_the_tear(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl")
    one, two = asked("1"), asked("2")
    journal.add([line(one, "yes \u2028")])
    with journal.path.open("a") as file:
        file.write('{"variant": "plain", "conf')
    again = Journal(journal.path)
    again.add([line(two, "no")])
    assert Journal(journal.path).answers("plain", "none", [one, two]) == {"gqa": {"1": "yes \u2028", "2": "no"}}
    assert again.visual_tokens("plain", "none", [one, two]) == 64


def test_a_journal_answers_what_is_asked_now(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl")
    first, other = asked("1"), asked("1", picture="2")
    journal.add([line(first, "red"), line(other, "blue", 9), line(asked("2"), "no"), line(asked("1", "pope"), "yes")])
    assert journal.answers("plain", "none", [other]) == {"gqa": {"1": "blue"}}
    assert journal.visual_tokens("plain", "none", [other]) == 9
    assert journal.answers("plain", "none", [first]) == {"gqa": {"1": "red"}}
    assert len({one.digest for one in (first, other, asked("1", text="Who?"), asked("1", limit=5))}) == 4
    (tmp_path / "1.jpg").write_bytes(b"")
    work = Work({"plain": None}, configurations([])[:1], None)
    answer_all(work, [first, other], journal, lambda *_: None)  # everything is known: nothing is asked
    with pytest.raises(AttributeError):
        answer_all(work, [asked("1", text="Who?")], journal, lambda *_: None)


def test_from_questions_to_the_table(folder, tmp_path, monkeypatch, capsys):
    require_typescript()
    model = load(folder / "base")
    add_low_rank(model, 2, 4, 0, seed=5)
    for _, layer in low_rank_layers(model):
        torch.nn.init.normal_(layer.B)
    (tmp_path / "adapter").mkdir()
    save_adapter(model, tmp_path / "adapter", "base", 0, torch.float32)
    out = tmp_path / "run"
    arguments = ["--checkpoint", str(folder / "base"), "--adapter", str(tmp_path / "adapter"), "--out", str(out)]
    # Letters: random weights would else go on to the limit.
    arguments += ["--tasks", "pope,textvqa", "--rule", "ocr=false", "--limit", "4", "--method", "prumerge:9"]
    monkeypatch.setattr(command, "questions", _short(command.questions))
    monkeypatch.setattr(sys, "argv", ["evaluation", *arguments])
    command.main()
    table = (out / "table.md").read_text().splitlines()
    assert table[0] == "| tokens | method | | TextVQA | POPE | mean | small things |"
    assert [line.split(" | ")[0] for line in table[2:10]] == ["| 64.0"] * 2 + ["| 9.0"] * 6
    assert [line.split(" | ")[2] for line in table[2:10]] == ["training-free", "LoRA"] * 4
    lines = (out / "answers/pope/plain-prumerge-9.jsonl").read_text().splitlines()
    assert {"question_id", "prompt", "text"} <= json.loads(lines[0]).keys()
    journal = (out / "journal.jsonl").read_text()
    command.main()
    assert (out / "journal.jsonl").read_text() == journal, "a finished run asks nothing again"
    lines = [json.loads(line) for line in journal.splitlines() if line]
    texts = ({line["id"]: line["text"] for line in lines if line["variant"] == variant} for variant in ("plain", "tuned"))
    assert next(texts) != next(texts)
    # The same answers, the same official scorer, by its own command
    report = prumerge(
        *("score", "pope", "--answers", out / "answers/pope/plain-none.jsonl", "--allow-missing", "--json"),
        *("--data", command.ROOT / "benchmarks/pocket"),
    )  # fmt: skip
    assert json.loads(report)["questions"] == 900
    # Another method of one of the tasks, with fewer questions: what it asks is what it scores
    arguments = [*arguments[:6], "--tasks", "textvqa", *arguments[8:10], "--limit", "2", "--method", "prumerge:9,prumerge:8"]
    monkeypatch.setattr(sys, "argv", ["evaluation", *arguments])
    command.main()
    table = (out / "table.md").read_text().splitlines()
    assert table[0] == "| tokens | method | | TextVQA | mean | small things |"
    lines = (out / "answers/textvqa/plain-prumerge-9.jsonl").read_text().splitlines()
    assert len(lines) == 2
    capsys.readouterr()
    monkeypatch.setattr(sys, "argv", ["evaluation", *arguments, "--seed", "1"])
    with pytest.raises(SystemExit, match="another --out"):
        command.main()


def _short(questions):
    """Answers of four tokens at most."""
    from dataclasses import replace

    return lambda *arguments: [replace(question, limit=4) for question in questions(*arguments)]


def test_families_are_asked_of_test_scenes(folder, assets):
    found = right_answers(folder / "base", 9_000_000, 6, False, assets)
    asked = {family: len(right) for family, right in found.items()}
    assert sum(asked.values()) > 40 and asked["existence"] > 2
    assert found == right_answers(folder / "base", 9_000_000, 6, False, assets)


def test_percent_has_wilsons_interval():
    assert percent([True] * 50 + [False] * 50) == "50.0 (40.4 to 59.6)"
    assert percent([True] * 10) == "100.0 (72.2 to 100.0)"
    assert percent([]) == "none asked"
