from collections import defaultdict

from pocket_world.splits import seeds_of
from questions.stream import stream
from questions.text_only import Majority, Words, accuracy, template_of, training_questions

MARGIN = 6
"""Points above chance that a text-only answerer may reach by luck on so few questions."""
CHANCE = {
    "existence": 50,
    "paired": 50,
    "logic": 50,
    "background": 50,
    "colour": 10,
    "count": 11,
    "what": 8,
    "reading": 0,
}


def test_words_alone_hardly_help():
    learned = [asked for _, asked in training_questions(1500)]
    answerers = Majority(learned), Words(learned)
    families = defaultdict(list)
    for _, questions in stream(seeds_of("validation", 0, 700)):
        for question in questions:
            families[question.family].append((question.text, question.answer))
    for family, chance in CHANCE.items():
        for answerer in answerers:
            assert accuracy(answerer, families[family]) < chance + MARGIN, (family, type(answerer).__name__)


def test_multiple_choice_options_do_not_give_themselves_away():
    learned = [asked for family, asked in training_questions(1500) if family == "choice"]
    words = Words(learned)
    asked = [q for _, questions in stream(seeds_of("validation", 0, 700)) for q in questions if q.family == "choice"]
    chance = 100 * sum(1 / len(question.notes["options"]) for question in asked) / len(asked)
    assert accuracy(words, [(question.text, question.answer) for question in asked]) < chance + MARGIN


def test_an_unbalanced_stream_is_noticed():
    """The check itself must be able to fail."""
    learned = [("Is there a dog in the image?", "yes")] * 9 + [("Is there a cat in the image?", "no")] * 9
    assert accuracy(Words(learned), learned) == 100
    assert accuracy(Majority(learned), learned) == 50


def test_templates_leave_slots_open():
    assert template_of("Is there a red circle in the image?") == template_of("Is there an owl in the image?")
    assert template_of("How many mice are there?") == "How many THING are there?"
    assert template_of("Which?\nA. dog\nB. cat") == "Which? 2"
