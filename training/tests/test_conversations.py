"""Prompts and labels: what LLaVA's training code makes of a conversation, and what a chat template does."""

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[train]'")
pytest.importorskip("transformers", reason="transformers is not installed: pip install -e '.[train]'")

from tiny_llava import make_tokenizer  # noqa: E402

from tuning.conversations import IGNORED, by_template, encode, turns_of, vicuna_v1  # noqa: E402
from tuning.data import share, steps  # noqa: E402

GOLDENS = Path(__file__).parents[2] / "test/fixtures/goldens/lora"


def item(*values, image=None):
    roles = ("human", "gpt") * len(values)
    parts = [{"from": role, "value": value} for role, value in zip(roles, values, strict=False)]
    return {"id": "7", **({"image": image} if image else {}), "conversations": parts}


TWO_TURNS = item("Is it red?\n<image>", "yes", "And blue?", "no", image="a.png")


@pytest.fixture(scope="module")
def tokenizer():
    return make_tokenizer()


def learned(prompt, tokenizer):
    ids, labels = encode(prompt, tokenizer)
    assert ids.shape == labels.shape
    runs, last = [], False
    for token in labels.tolist():
        if token != IGNORED:
            runs = [*runs[:-1], [*runs[-1], token]] if last else [*runs, [token]]
        last = token != IGNORED
    return [tokenizer.decode(run) for run in runs]


def test_vicuna_prompt_is_the_official_one():
    recorded = json.loads((GOLDENS / "manifest.json").read_text())["cases"][0]["inputs"]
    turns = turns_of(item(f"<image>\n{recorded['question']}", "A cat.", image="a.png"))
    assert vicuna_v1(turns).text == recorded["prompt"] + " A cat.</s>"


@pytest.mark.parametrize("form", ["vicuna_v1", "template"])
def test_answers_alone_are_learned_with_their_ends(form, tokenizer):
    turns = turns_of(TWO_TURNS)
    prompt = vicuna_v1(turns) if form == "vicuna_v1" else by_template(turns, tokenizer, ["</s>"])
    assert prompt.text.endswith("USER: <image>\nIs it red? ASSISTANT: yes</s>USER: And blue? ASSISTANT: no</s>")
    assert learned(prompt, tokenizer) == [" yes</s>", " no</s>"]
    ids, _ = encode(prompt, tokenizer)
    assert ids[0] == tokenizer.bos_token_id and ids[1] != tokenizer.bos_token_id


def test_both_forms_agree_but_for_the_system_sentence(tokenizer):
    turns = turns_of(TWO_TURNS)
    assert vicuna_v1(turns).text.endswith(by_template(turns, tokenizer, ["</s>"]).text)


def test_several_pictures_come_before_the_text():
    turns = turns_of(item("Is <image> like <image>?", "no", image=["a.png", "b.png"]))
    assert "USER: <image>\n<image>\nIs  like ? ASSISTANT:" in vicuna_v1(turns).text


def test_an_answer_that_comes_first_is_dropped():
    values = {"conversations": [{"from": "gpt", "value": "Hello"}, *TWO_TURNS["conversations"]], "image": "a.png"}
    assert turns_of(values) == turns_of(TWO_TURNS)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (item("<image>\nIs it?", "yes"), "1 for 0"),
        (item("Is it?", "yes", image="a.png"), "0 for 1"),
        (item("Is it?"), "in turns"),
        ({"id": "7", "conversations": [{"from": "robot", "value": ""}]}, "robot"),
        ({"id": "7", "conversations": []}, "in turns"),
    ],
)
def test_what_is_no_conversation_is_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        turns_of(wrong)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("</s>", " "), "ends answers with none"),
        (lambda text: text.replace("ASSISTANT:", "ASSISTANT: Well,"), "writes a question otherwise"),
        (lambda text: "{{ messages | length }}" + text, "writes"),
    ],
)
def test_templates_that_cannot_be_learned_from_are_refused(change, message, tokenizer):
    other = make_tokenizer()
    other.chat_template = change(tokenizer.chat_template)
    with pytest.raises(ValueError, match=message):
        by_template(turns_of(TWO_TURNS), other, ["</s>"])


def test_every_conversation_comes_once_and_pictures_stay_together():
    words = [place % 7 for place in range(50)]
    pictures = [place % 3 > 0 for place in range(50)]
    order = steps(words, pictures, 8, seed=4)
    assert sorted(place for step in order for place in step) == list(range(50))
    assert [len(step) for step in order] == [8] * 6 + [2]
    mixed = [step for step in order if len({pictures[place] for place in step}) > 1]
    assert len(mixed) <= 1
    assert order == steps(words, pictures, 8, seed=4) != steps(words, pictures, 8, seed=5)
    for step in order:
        assert [words[place] for place in step] == sorted((words[place] for place in step), reverse=True)
        assert sorted(place for rank in range(3) for run in share(step, 2, rank, 3) for place in run) == sorted(step)
