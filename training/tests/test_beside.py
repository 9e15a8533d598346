"""Models beside each other, from journals as `prumerge eval` writes them."""

import json

import pytest
from typescript import require_typescript

from evaluation.beside import beside, read
from evaluation.node import ROOT

DATA = ROOT / "benchmarks/pocket"


def asked():
    path = next((DATA / "gqa").rglob("testdev_balanced_questions.json"))
    return {number: question["answer"] for number, question in list(json.loads(path.read_text()).items())[:24]}


def journal(folder, **answers):
    """Of each configuration, by question; tokens as the configuration says."""
    folder.mkdir()
    lines = [{"journal": "prumerge", "format": 1}]
    for name, own in answers.items():
        tokens = 16 if name == "cover" else 576
        for number, text in own.items():
            about = {"task": "gqa", "id": number, "configuration": name, "visualTokens": tokens}
            lines.append({"kind": "answer", "text": text, **about})
    (folder / "journal.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def test_each_configuration_is_held_against_the_same_questions_unreduced(tmp_path):
    require_typescript()
    right = asked()
    half = {number: answer if place % 2 else "?" for place, (number, answer) in enumerate(right.items())}
    some = dict(list(half.items())[:12])
    one = read([journal(tmp_path / "one", none=right), journal(tmp_path / "more", cover=some)])
    two = read([journal(tmp_path / "two", none=half, cover=half)])
    lines = beside({"v1": one, "v2": two}, DATA, {}).splitlines()
    assert lines[0] == "| configuration | questions | tokens | v1 | loses | v2 | loses | v2 less v1 |"
    none, cover = ([cell.split(" (")[0].strip() for cell in line.split("|")[1:-1]] for line in lines[2:])
    assert none == ["none", "24", "576.0", "100.0", "", "50.0", "", "-50.0"]
    assert cover == ["cover", "12", "16.0", "50.0", "50.0", "50.0", "0.0", "0.0"]


def test_what_a_tuned_model_brings_back_is_a_share_of_what_the_first_one_loses(tmp_path):
    require_typescript()
    right = asked()
    half = {number: answer if place % 2 else "?" for place, (number, answer) in enumerate(right.items())}
    most = {number: answer if place % 4 else "?" for place, (number, answer) in enumerate(right.items())}
    plain = read([journal(tmp_path / "plain", none=right, prumerge=half)])
    tuned = read([journal(tmp_path / "tuned", none=right, prumerge=most)])
    lines = beside({"plain": plain, "tuned": tuned}, DATA, {}, recovered=True).splitlines()
    assert lines[0].endswith("| tuned less plain | tuned brings back |")
    assert lines[1].count("---") == lines[0].count("|") - 1
    shares = [line.split("|")[-2].split("(")[0].strip() for line in lines[2:]]
    assert shares == ["", "50 %"]


def test_the_last_answer_to_a_question_counts(tmp_path):
    run = journal(tmp_path / "run", none={"1": "first"})
    with (run / "journal.jsonl").open("a") as file:
        again = {"kind": "answer", "task": "gqa", "id": "1", "configuration": "none", "visualTokens": 576, "text": "last"}
        file.write(json.dumps({"kind": "failure", "task": "gqa", "id": "2", "configuration": "none"}) + "\n")
        file.write(json.dumps(again) + "\n")
    assert read([run]) == {"none": {("gqa", "1"): ("last", 576)}}


def test_what_cannot_be_compared_is_refused(tmp_path):
    right = asked()
    whole = read([journal(tmp_path / "whole", none=right, cover=right)])
    with pytest.raises(ValueError, match="other: expected answers of the unreduced model"):
        beside({"whole": whole, "other": {"cover": whole["cover"]}}, DATA, {})
    nothing = {"none": whole["none"], "cover": {}}
    with pytest.raises(ValueError, match="cover: expected answers of all models to gqa"):
        beside({"whole": whole, "other": nothing}, DATA, {})
