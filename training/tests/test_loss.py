"""The loss against transformers' own, and what reduction changes in it."""

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[train]'")
pytest.importorskip("transformers", reason="transformers is not installed: pip install -e '.[train]'")

from tiny_llava import write_checkpoint, write_data  # noqa: E402
from transformers import LlavaForConditionalGeneration  # noqa: E402
from transformers.optimization import get_cosine_schedule_with_warmup  # noqa: E402

from reduction.methods import method  # noqa: E402
from tuning.conversations import IGNORED  # noqa: E402
from tuning.data import Conversations  # noqa: E402
from tuning.loss import answer_loss  # noqa: E402
from tuning.low_rank import add_low_rank  # noqa: E402
from tuning.processor import Processor, padded  # noqa: E402
from tuning.schedule import rate_at  # noqa: E402


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("loss")
    write_checkpoint(folder / "base", tied=False)
    write_data(folder, count=6)
    return folder


@pytest.fixture(scope="module")
def data(place):
    model = load(place)
    processor = Processor(str(place / "base"), model.config, [2])
    return Conversations(place / "data.json", place / "images", processor, "template")


def load(place):
    return LlavaForConditionalGeneration.from_pretrained(place / "base", dtype=torch.float32).eval()


def official(model, example):
    """transformers' forward over the whole prompt with one image id per patch. Loss sum and answer tokens."""
    ids, labels = [], []
    for token, label in zip(example.tokens.ids.tolist(), example.tokens.labels.tolist(), strict=True):
        times = 64 if token == model.config.image_token_id else 1
        ids += [token] * times
        labels += [label] * times
    pixels = {"pixel_values": example.pixels} if len(example.pixels) else {}
    loss = model(input_ids=torch.tensor([ids]), labels=torch.tensor([labels]), **pixels).loss
    count = sum(label != IGNORED for label in labels)
    return loss * count, count


def test_unreduced_loss_is_that_of_transformers(place, data):
    model = load(place)
    examples = [data[number] for number in range(len(data))]
    with torch.no_grad():
        expected = [official(model, example) for example in examples]
        found = answer_loss(model, examples, method("none"), 512)
    assert found.tokens == sum(count for _, count in expected)
    assert found.visual_tokens == 64 * found.pictures == 64 * 5
    torch.testing.assert_close(found.total, sum(loss for loss, _ in expected), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("name", ["prumerge", "prumerge+", "prumerge+:fixed", "prumerge:9"])
def test_a_batch_is_the_sum_of_its_conversations(name, place, data):
    """Pictures of different counts are padded without a trace."""
    model = load(place)
    examples = [data[number] for number in range(len(data))]
    with torch.no_grad():
        whole = answer_loss(model, examples, method(name), 512)
        parts = [answer_loss(model, [example], method(name), 512) for example in examples]
    torch.testing.assert_close(whole.total, sum(part.total for part in parts), rtol=1e-5, atol=1e-4)
    assert whole.visual_tokens == sum(part.visual_tokens for part in parts)
    if name == "prumerge":
        assert len({part.visual_tokens for part in parts if part.pictures}) > 1


@pytest.mark.parametrize("name", ["none", "prumerge"])
def test_turns_apart_cost_what_single_questions_cost(name, place, data):
    """The picture is shared without a trace of the other turns."""
    import copy

    apart = copy.copy(data)
    apart.turns = "apart"
    alone = copy.copy(data)
    alone.items = []
    for item in data.items:
        mark = "<image>\n" if "image" in item else ""
        parts = item["conversations"]
        for question, answer in zip(parts[::2], parts[1::2], strict=True):
            text = mark + question["value"].removeprefix(mark)
            alone.items.append({**item, "conversations": [{**question, "value": text}, answer]})
    assert len(alone) > len(data)
    model = load(place)
    with torch.no_grad():
        found = answer_loss(model, [apart[number] for number in range(len(apart))], method(name), 512)
        expected = answer_loss(model, [alone[number] for number in range(len(alone))], method(name), 512)
        whole = answer_loss(model, [data[number] for number in range(len(data))], method(name), 512)
    assert found.tokens == expected.tokens == whole.tokens and found.pictures < expected.pictures
    torch.testing.assert_close(found.total, expected.total, rtol=1e-5, atol=1e-4)
    assert abs(found.total - whole.total) > 0.01


def test_projector_and_low_rank_layers_learn_and_nothing_else_does(place, data):
    model = load(place)
    model.requires_grad_(False)
    add_low_rank(model, 4, 8, 0.0, 0)
    model.model.multi_modal_projector.requires_grad_(True)
    with torch.no_grad():
        plain = answer_loss(load(place), [data[0]], method("prumerge+:fixed"), 512).total
    loss = answer_loss(model, [data[0]], method("prumerge+:fixed"), 512).total
    torch.testing.assert_close(loss, plain)  # B starts at zero
    loss.backward()
    moved = {name for name, part in model.named_parameters() if part.grad is not None and part.grad.any()}
    assert len([name for name in moved if name.endswith(".B")]) == 2 * 7
    assert {name for name in moved if not name.endswith(".B")} == {
        f"model.multi_modal_projector.linear_{layer}.{part}" for layer in (1, 2) for part in ("weight", "bias")
    }


def test_half_precision_keeps_the_trained_weights_and_the_reduction_in_float32(place, data):
    model = LlavaForConditionalGeneration.from_pretrained(place / "base", dtype=torch.bfloat16)
    model.requires_grad_(False)
    add_low_rank(model, 4, 8, 0.0, 0)
    model.model.multi_modal_projector.float().requires_grad_(True)
    loss = answer_loss(model, [data[0], data[3]], method("prumerge+:fixed"), 512)
    loss.total.backward()
    trained = [part for part in model.parameters() if part.requires_grad]
    assert {part.dtype for part in trained} == {part.grad.dtype for part in trained} == {torch.float32}
    with torch.no_grad():
        wide = answer_loss(load(place), [data[0], data[3]], method("prumerge+:fixed"), 512)
    torch.testing.assert_close(loss.total, wide.total, rtol=0.05, atol=0.1)


def test_long_conversations_are_cut(place, data):
    model = load(place)
    assert answer_loss(model, [data[0]], method("none"), 20).tokens == 0
    assert (
        0
        < answer_loss(model, [data[1]], method("none"), 100).tokens
        <= answer_loss(model, [data[1]], method("none"), 512).tokens
    )


def test_padding_is_that_of_the_original_llava():
    from PIL import Image

    wide = padded(Image.new("RGB", (10, 5), "white"), [0.48145466, 0.4578275, 0.40821073])
    assert wide.size == (10, 10)
    assert wide.getpixel((0, 1)) == (122, 116, 104)  # int(255 x mean)
    assert [wide.getpixel((4, row)) == (255, 255, 255) for row in (1, 2, 6, 7)] == [False, True, True, False]


def test_pictures_are_padded_where_the_processor_says_so(place):
    from PIL import Image

    config = load(place).config
    ways = {aspect: Processor(str(place / "base"), config, [2], aspect) for aspect in (None, "crop", "pad")}
    picture = Image.new("RGB", (60, 130), "red")
    crop, pad = ways["crop"].pixels(picture), ways["pad"].pixels(picture)
    assert torch.equal(ways[None].pixels(picture), crop) and not torch.equal(crop, pad)
    assert crop.shape == pad.shape == (3, 112, 112)
    assert pad[:, 50, 2].abs().max() < 0.02  # the mean colour


@pytest.mark.parametrize("total", [1, 3, 33, 100])
def test_schedule_is_that_of_transformers(total):
    import math

    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    schedule = get_cosine_schedule_with_warmup(optimizer, math.ceil(0.03 * total), total)
    for step in range(total):
        assert rate_at(step, total, 0.03) == pytest.approx(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
