"""LLaVA-format data that cannot be learned from is named before the first step, a picture that cannot be read when it is."""

import json

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[train]'")
pytest.importorskip("transformers", reason="transformers is not installed: pip install -e '.[train]'")

from PIL import Image  # noqa: E402
from tiny_llava import make_tokenizer  # noqa: E402

from tuning.data import Conversations  # noqa: E402

ASKED = [{"from": "human", "value": "<image>\nIs it red?"}, {"from": "gpt", "value": "yes"}]
GOOD = {"id": "good", "image": "a.png", "conversations": ASKED}


class StandIn:
    """Of a processor: decodes pictures."""

    tokenizer = make_tokenizer()
    image_id = tokenizer.convert_tokens_to_ids("<image>")
    ends = ("</s>",)

    def pixels(self, picture):
        picture.convert("RGB")
        return torch.zeros(3, 4, 4)


def open_data(folder, items, **options):
    (folder / "images").mkdir(exist_ok=True)
    Image.effect_noise((40, 40), 90).save(folder / "images/a.png")
    (folder / "data.json").write_text(json.dumps(items))
    return Conversations(folder / "data.json", folder / "images", StandIn(), "template", **options)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"id": "bad", "image": "a.png"}, "item bad: expected a list of conversations, found None"),
        ({"id": "bad", "conversations": [{"from": "human"}]}, "item bad: expected the text of human, found None"),
        ({"id": "bad", "conversations": ["hello"]}, "item bad: expected a turn with from and value, found 'hello'"),
        ({"id": "bad", "conversations": ASKED}, "item bad: expected one <image> per picture, found 1 for 0"),
        ({"id": "bad", "image": 5, "conversations": ASKED}, "item bad: expected a picture's path or a list of paths, found 5"),
        ({"conversations": ASKED}, "item number 1: expected one <image> per picture"),
        ("hello", "item number 1: expected an object with conversations, found 'hello'"),
    ],
)
def test_items_that_are_no_conversations_are_named_before_the_first_step(wrong, message, tmp_path):
    with pytest.raises(ValueError, match=r"data\.json: 1 of 2 conversations cannot be learned") as found:
        open_data(tmp_path, [GOOD, wrong])
    assert message in str(found.value)


def test_turns_apart_need_their_pictures_in_the_first(tmp_path):
    late = [{"from": "human", "value": "Hello?"}, {"from": "gpt", "value": "Hello."}, *ASKED]
    items = [GOOD, GOOD | {"id": "late", "conversations": late}]
    assert len(open_data(tmp_path, items)) == 2
    with pytest.raises(ValueError, match="item late: turns apart need all pictures in the first one"):
        open_data(tmp_path, items, turns="apart")


@pytest.mark.parametrize("items", [[], {"id": "no list"}])
def test_data_without_conversations_is_refused(items, tmp_path):
    with pytest.raises(ValueError, match=r"data\.json: expected a list of conversations, found"):
        open_data(tmp_path, items)


@pytest.mark.parametrize("length", [0, 10, 60])
def test_a_picture_that_cannot_be_read_is_named_with_its_item(length, tmp_path):
    data = open_data(tmp_path, [GOOD])
    assert data[0].pixels.shape == (1, 3, 4, 4)
    picture = tmp_path / "images/a.png"
    picture.write_bytes(picture.read_bytes()[:length])
    with pytest.raises(OSError, match=r"item good: .*images/a\.png cannot be read: "):
        data[0]
