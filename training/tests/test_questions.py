from collections import Counter

import oracle
import pytest

from pocket_world.compose import compose
from pocket_world.splits import seeds_of
from questions.balance import Balance
from questions.choice import LETTERS
from questions.prompts import LETTER, SHORT
from questions.question import YES_NO
from questions.stream import FAMILIES, questions_of, stream

ASKED = [(scene, question) for scene, questions in stream(seeds_of("train", 0, 1200)) for question in questions]


@pytest.mark.parametrize("family", ["existence", "count", "colour", "relation", "comparison", "paired"])
def test_answers_agree_with_an_independent_reading_of_the_scene(family):
    rows = [(scene, question) for scene, question in ASKED if question.family == family]
    assert len(rows) > 500
    for scene, question in rows:
        assert oracle.answer(scene, family, question.text) == question.answer, (scene.seed, question.text)


def test_exactly_one_option_is_right():
    rows = [(scene, question) for scene, question in ASKED if question.family == "choice"]
    assert len({question.notes["sort"] for _, question in rows}) == 7
    assert {len(question.notes["options"]) for _, question in rows} == {2, 3, 4, 5}
    for scene, question in rows:
        options = question.notes["options"]
        assert len(set(options)) == len(options)
        assert oracle.right_options(scene, question.text) == [options[LETTERS.index(question.answer)]], question.text


def test_readings_are_what_is_printed():
    for scene, question in ASKED:
        if question.family == "reading":
            assert question.answer in {print_.string for print_ in scene.prints}
            if "sign" in question.text:
                (plate,) = [print_ for print_ in scene.prints if f"the {print_.plate} sign" in question.text]
                assert plate.string == question.answer


def test_what_is_asked_for_is_the_only_one_of_its_place_category_or_colour():
    for scene, question in ASKED:
        if question.family == "what" and question.notes.get("category"):
            kinds = {thing.kind for thing in scene.things if thing.category == question.notes["category"]}
            assert kinds == {question.answer}
        if question.family == "what" and question.notes.get("side"):
            (anchor,) = oracle.things_called(scene, question.notes["anchor"])
            axis, before = {"left": (0, True), "right": (0, False), "above": (1, True), "below": (1, False)}[
                question.notes["side"]
            ]
            line = oracle.middle(anchor)[axis]
            there = [t for t in scene.things if t != anchor and (oracle.middle(t)[axis] < line) == before]
            assert [thing.kind for thing in there] == [question.answer]


def test_captions_name_everything():
    for scene, question in ASKED:
        if question.family == "caption":
            for print_ in scene.prints:
                assert print_.string in question.answer
            names = [f"{thing.colour or ''} {thing.kind}".strip() for thing in scene.things]
            for name in names:
                count = names.count(name)
                assert (name if count == 1 else f"{count} {name[:3]}") in question.answer


def test_details_are_marked():
    marked = [question.hangs_on_details for _, question in ASKED]
    assert 0.2 < sum(marked) / len(marked) < 0.5
    for _, question in ASKED:
        small = any(
            item.size in ("tiny", "small") and max(item.box[2:]) < 28
            for item in question.shown
            if hasattr(item, "kind")
        )
        small |= any(item.box[3] < 14 for item in question.shown if hasattr(item, "string"))
        assert question.hangs_on_details == small


def test_every_family_is_asked_and_a_scene_is_never_asked_the_same_twice():
    assert {question.family for _, question in ASKED} == set(FAMILIES)
    for scene in map(compose, range(50)):
        texts = [question.text for question in questions_of(scene, Balance())]
        assert len(texts) == len(set(texts))


def test_the_same_scenes_give_the_same_questions():
    again = [(scene, question) for scene, questions in stream(seeds_of("train", 0, 100)) for question in questions]
    assert again == ASKED[: len(again)]


def test_answers_are_balanced_within_each_wording():
    counts = {}
    for _, question in ASKED:
        if question.rivals == YES_NO:
            counts.setdefault(question.wording, Counter())[question.answer] += 1
    for wording, answers in counts.items():
        assert max(answers.values()) <= 1.5 * min(answers[answer] for answer in YES_NO) + 4, wording


def test_instructions_are_those_of_llava():
    assert SHORT == "Answer the question using a single word or phrase."
    assert LETTER == "Answer with the option's letter from the given choices directly."
