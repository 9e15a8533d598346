"""Where the stages of pocket-llava put pictures and questions, and what they put before and between them."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[train]'")
pytest.importorskip("transformers", reason="transformers is not installed: pip install -e '.[train]'")

from pocket_model.export import CHAT_TEMPLATE  # noqa: E402
from pocket_model.language import LONGEST  # noqa: E402
from pocket_model.language_rows import Asked, length_of, pad  # noqa: E402
from pocket_model.language_variety import (  # noqa: E402
    GAP,
    START,
    before_picture,
    conversations,
    moved_places,
    plain_places,
    system_message,
)
from pocket_model.words import ASSISTANT, END, USER, learn_tokenizer  # noqa: E402

LENGTHS = [12, 40, 25]


@pytest.fixture(scope="module")
def drawn():
    return [moved_places(3, 576, LENGTHS, np.random.default_rng(seed)) for seed in range(400)]


def test_plain_places_go_on_one_by_one():
    context, starts = plain_places(3, 576, LENGTHS)
    assert context.tolist() == list(range(579)) and starts.tolist() == [579] * 3


def test_moved_places_keep_the_order_and_the_context(drawn):
    for context, starts in drawn:
        assert len(context) == 579 and context[0] == 0 and (np.diff(context) > 0).all()
        assert (starts > context[-1]).all() and (starts % 1 == 0).all()
        assert (starts + LENGTHS <= LONGEST).all()


def test_moved_places_reach_what_reduced_prompts_use(drawn):
    """Pictures at many places, patches close together and far apart, text right behind them and far off; and a good share
    of each as it plainly is."""
    begins = np.array([context[3] - 3 for context, _ in drawn])
    spacings = np.array([(context[-1] - context[3]) / 575 for context, _ in drawn])
    gaps = np.concatenate([starts - np.floor(context[-1]) - 1 for context, starts in drawn])
    for found, plain, most in ((begins, 0, START), (gaps, 0, GAP)):
        assert 0.4 < np.mean(found == plain) < 0.6 and 0.8 * most < found.max() <= most
    assert 0.3 < np.mean(np.isclose(spacings, 1)) < 0.5
    assert spacings.min() < 1 / 24 and spacings.max() > 1.7
    assert any(np.diff(context[3:]).std() > np.diff(context[3:]).mean() for context, _ in drawn)


def test_a_prompt_that_has_no_room_is_refused():
    with pytest.raises(ValueError, match=f"at most {LONGEST} places, found"):
        moved_places(1400, 576, [200], np.random.default_rng(0))


def test_conversations_share_all_questions():
    dice = np.random.default_rng(1)
    assert conversations(5, 0.0, dice) == [1] * 5
    turns = [conversations(18, 0.5, dice) for _ in range(50)]
    assert all(sum(row) == 18 and max(row) <= 3 for row in turns)
    assert {1, 2, 3} == {length for row in turns for length in row}


def test_a_conversation_is_what_the_chat_template_makes_of_it():
    from transformers import PreTrainedTokenizerFast

    tokenizer = learn_tokenizer(scenes=30)
    encode = lambda text: tokenizer.encode(text, add_special_tokens=False).ids  # noqa: E731
    said = system_message(np.random.default_rng(3))
    questions = (("Is there a cat in the image?", "no"), ("What color is the car?", "red"))
    asks = (f"\n{questions[0][0]} {ASSISTANT}", f"{USER} {questions[1][0]} {ASSISTANT}")
    conversation = [
        Asked(encode(ask), [*encode(f" {answer}"), END], None, None, 0)
        for ask, (_, answer) in zip(asks, questions, strict=True)
    ]
    row = pad([[conversation]], [np.array([700])])
    count = length_of(conversation)
    assert row["positions"][0, :count].tolist() == list(range(700, 700 + count))
    assert row["turn"][0, :count].tolist() == [0] * count
    both = [row["labels"][0][row["question"][0] == number].tolist() for number in (0, 1)]
    assert both == [turn.answer for turn in conversation]

    messages = [{"role": "system", "content": said}]
    for place, (question, answer) in enumerate(questions):
        text = {"type": "text", "text": question}
        messages.append({"role": "user", "content": [{"type": "image"}, text] if not place else [text]})
        messages.append({"role": "assistant", "content": answer})
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, extra_special_tokens={"image_token": "<image>"})
    rendered = fast.apply_chat_template(messages, chat_template=CHAT_TEMPLATE, tokenize=False)
    first, second = rendered.split("<image>")
    assert before_picture(tokenizer, said)[1:] == encode(first)
    assert row["ids"][0, :count].tolist() == encode(second)[:-1]
