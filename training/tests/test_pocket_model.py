"""The training of pocket-llava: it computes what transformers does, and a run that is cut off ends as if it had not been."""

import json
from dataclasses import replace
from functools import partial
from shutil import which

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[train]'")
pytest.importorskip("transformers", reason="transformers is not installed: pip install -e '.[train]'")

from pocket_model.blocks import block, letters_wish  # noqa: E402
from pocket_model.class_stage import ClassStage, train_class  # noqa: E402
from pocket_model.export import export  # noqa: E402
from pocket_model.feed import Visits, choose_patches  # noqa: E402
from pocket_model.language import LanguageModel  # noqa: E402
from pocket_model.language_data import Packer  # noqa: E402
from pocket_model.language_stage import LanguageStage, train_language  # noqa: E402
from pocket_model.language_variety import Variety  # noqa: E402
from pocket_model.optimiser import orthogonal  # noqa: E402
from pocket_model.run_state import save_atomically  # noqa: E402
from pocket_model.tower import Tower  # noqa: E402
from pocket_model.vision_data import vision_batch  # noqa: E402
from pocket_model.vision_stage import VisionStage, train_vision  # noqa: E402
from pocket_model.words import END, IMAGE, learn_tokenizer  # noqa: E402
from pocket_world.paint import paint  # noqa: E402

SOURCES = (("all", 1), ("letters", 1))


@pytest.fixture(scope="module")
def made(tmp_path_factory, assets):
    """A folder with painted blocks and a run with a tokenizer and untrained weights."""
    folder = tmp_path_factory.mktemp("pocket")
    run = folder / "run"
    run.mkdir()
    learn_tokenizer(scenes=120).save(str(run / "tokenizer.json"))
    for sort, _ in SOURCES:
        block(sort, 0, folder / "blocks", assets)
    return folder


@pytest.fixture(scope="module")
def visits(made, assets):
    return {source[0]: Visits(source, made / "blocks", assets) for source in SOURCES}


@pytest.fixture(scope="module")
def packer(made, visits):
    from tokenizers import Tokenizer

    return Packer(Tokenizer.from_file(str(made / "run/tokenizer.json")), visits, 6)


def test_checkpoint_computes_in_transformers_what_was_trained(made, packer, assets, tmp_path):
    torch.manual_seed(3)
    tower, words = Tower().eval(), LanguageModel(packer.tokenizer.get_vocab_size()).eval()
    for name, part in (("tower", tower), ("model", words)):
        save_atomically({"parts": {name: part.state_dict()}}, made / "run" / f"{name}.done.pt")
    model = export(made / "run", "tower", "model", tmp_path / "checkpoint", torch.float32).eval()
    scene = packer.visits["all"].take(0, 1)[0]
    from transformers import CLIPImageProcessor

    picture = paint(scene[0].scenes[scene[1]], assets)
    pixels = CLIPImageProcessor.from_pretrained(tmp_path / "checkpoint")(picture, return_tensors="pt").pixel_values
    everywhere = Packer(packer.tokenizer, packer.visits, 6, Variety(moved=1.0, told=1.0, chained=0.5))
    for batch, scored in ((packer.batch({"all": 1}, 576, 0), True), (everywhere.batch({"all": 1}, 576, 0), False)):
        with torch.no_grad():
            features, _ = tower(batch.pixels, None, torch.float32)
            same = (batch.turn[:, :, None] == batch.turn[:, None, :]) & torch.ones(batch.ids.shape[1:] * 2).tril().bool()
            bias = torch.where(same, 0.0, float("-inf"))[:, None]
            rows, _, _ = words(features, batch.before, batch.context, batch.ids, batch.positions, bias, scored)
            ours = words.logits(rows)[0]
            for turn in range(int(batch.turn.max()) + 1):
                here = batch.turn[0] == turn
                ids = torch.cat([batch.before, torch.full((576,), IMAGE), batch.ids[0, here]])[None]
                theirs = model(
                    input_ids=ids,
                    pixel_values=pixels,
                    attention_mask=torch.ones_like(ids),
                    position_ids=torch.cat([batch.context[0], batch.positions[0, here]])[None],
                ).logits[0, -int(here.sum()) :]
                assert torch.allclose(ours[here], theirs, atol=2e-3), f"conversation {turn}"


def test_a_step_reads_the_same_whenever_it_comes(visits, packer):
    for _ in range(2):
        once, again = (vision_batch(visits, {"all": 3, "letters": 2}, 144, 5) for _ in range(2))
        assert torch.equal(once.pixels, again.pixels) and torch.equal(once.string, again.string)
    first = packer.batch({"letters": 2}, 144, 9)
    packer.batch({"letters": 2}, 144, 3)
    assert torch.equal(first.ids, packer.batch({"letters": 2}, 144, 9).ids)


def test_labels_follow_the_scene(visits):
    batch = vision_batch(visits, {"all": 8}, 576, 0)
    for place, (source, at, _) in enumerate(visits["all"].take(0, 8)):
        scene = source.scenes[at]
        assert batch.things[place] == len(scene.things) == batch.totals[place, 0]
        assert int(batch.present[place].sum()) == len(scene.kinds()) + bool(scene.prints)
        assert set(batch.item[place].unique().tolist()) == set(range(1 + len(scene.things) + len(scene.prints)))


def test_looks_point_at_what_is_printed(packer):
    batch = packer.batch({"letters": 8}, 576, 0)
    spelled = batch.looks[batch.looks[:, 3] >= 0]
    assert len(spelled) > 20
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    found = 0
    for picture, token, items, letter in spelled.tolist():
        source, at, _ = packer.visits["letters"].take(picture, 1)[0]
        here = (items >> batch.item[picture] & 1 == 1) & (batch.letter[picture] == letter)
        if not here.any():
            continue
        answer = packer.tokenizer.decode([int(batch.labels[picture, token])])
        assert {letters[shown - 1] for shown in source.labels[at, 2][here].tolist()} == {answer.strip()}
        found += 1
    assert found > 20


def test_picks_point_at_the_right_option(packer):
    batch = packer.batch({"all": 24}, 576, 1)
    assert len(batch.picks) > 10
    for picture, token, option in batch.picks.tolist():
        end = token + 1 + int((batch.labels[picture, token:] == END).nonzero()[0])
        answer = packer.tokenizer.decode(batch.labels[picture, token : end - 1].tolist()).strip()
        turn = batch.turn[picture] == batch.turn[picture, token]
        first = int(turn.nonzero()[0])
        so_far = packer.tokenizer.decode(batch.ids[picture, first : option + 1].tolist())
        after = packer.tokenizer.decode(batch.ids[picture, option + 1 : token + 1].tolist())
        line = so_far.rsplit("\n", 1)[-1]
        if len(answer) == 1:
            assert line.startswith(f"{answer}. ") and after.startswith("\n"), (so_far, after)
        else:
            assert line.endswith(f" {answer}"), (so_far, answer)


def test_patches_that_show_something_come_first():
    instance = np.zeros((20, 576), np.uint8)
    instance[:, 100:150] = 1
    chosen = choose_patches(instance, 144, np.random.default_rng(1))
    assert chosen.shape == (20, 144) and (np.diff(chosen, axis=1) > 0).all()
    assert np.mean([np.isin(np.arange(100, 150), row).mean() for row in chosen]) > 0.85


def test_muon_updates_are_nearly_orthogonal():
    spread = torch.linalg.svdvals(orthogonal(torch.randn(3, 40, 90)))
    assert spread.min() > 0.4 and spread.max() < 1.4


def test_letters_blocks_hold_print():
    assert all(letters_wish(seed).prints in (1, 2) for seed in range(40))


def test_a_run_that_is_cut_off_ends_as_if_it_had_not_been(made, assets, monkeypatch):
    """Three steps at once, and one, then two in another process's place: the same weights."""
    monkeypatch.setattr("pocket_model.run_state.SAVE_SECONDS", 0.0)
    ends = []
    for name, parts in (("whole", (3,)), ("cut", (1, 3))):
        folder = made / name
        for steps in parts:
            stage = VisionStage(name="vision", steps=3, shares={"all": 2, "letters": 2}, patches=60, rate=(1.0, 0.5), warm=2)
            train_vision(stage, SOURCES, made / "blocks", folder, None, assets, stop=steps)
        ends.append(torch.load(folder / "vision.done.pt", weights_only=True)["parts"]["tower"])
    assert all(torch.equal(weight, ends[1][name]) for name, weight in ends[0].items())


@pytest.mark.skipif(which("g++") is None, reason="there is no g++, which torch.compile needs")
def test_compiled_steps_compute_the_same(made, assets, monkeypatch):
    """Of a shallow tower, since compiling takes its time."""
    monkeypatch.setattr("pocket_model.vision_stage.Tower", partial(Tower, depth=2))
    monkeypatch.setattr("pocket_model.run_state.EVERY", 1)
    stage = VisionStage(name="vision", steps=3, shares={"all": 2, "letters": 2}, patches=60, rate=(1.0, 0.5), warm=2)
    logs = []
    for compiled in (False, True):
        folder = made / f"compiled-{compiled}"
        train_vision(stage, SOURCES, made / "blocks", folder, None, assets, compiled)
        logs.append([json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()])
    assert [len(log) for log in logs] == [3, 3]
    for plain, compiled in zip(*logs, strict=True):
        assert plain.pop("time") <= compiled.pop("time")
        assert plain == pytest.approx(compiled, abs=2e-3)


def test_all_stages_run_and_learn(made, assets, monkeypatch):
    monkeypatch.setattr("pocket_model.run_state.EVERY", 4)
    run = made / "run"
    stage = VisionStage(name="vision", steps=12, shares={"all": 4, "letters": 4}, patches=80, rate=(1.0, 0.5), warm=2)
    train_vision(stage, SOURCES, made / "blocks", run, None, assets)
    few = ClassStage(name="class", steps=8, shares={"all": 4}, letters=1.0, lasso=1.0, rate=(1.0, 0.5))
    train_class(few, SOURCES, made / "blocks", run, run / "vision.done.pt", assets)
    ends = [torch.load(run / f"{name}.done.pt", weights_only=True) for name in ("vision", "class")]
    before, after = (end["parts"]["tower"] for end in ends)
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed and all(name.startswith(("encoder.layers.5.", "post_layernorm.")) for name in changed)
    words = LanguageStage(
        name="language",
        steps=12,
        shares={"all": 3, "letters": 1},
        patches=80,
        questions=6,
        rate=(1.0, 0.5),
        hints=(1.0, 0.0),
        warm=2,
    )
    train_language(words, SOURCES, made / "blocks", run, run / "vision.done.pt", None, assets)
    moved = replace(
        words, name="moved", hints=(0.0, 0.0), after=12, steps=4, variety=Variety(moved=0.5, told=0.5, chained=0.5)
    )
    train_language(moved, SOURCES, made / "blocks", run, run / "vision.done.pt", run / "language.done.pt", assets)
    rows = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    for name, loss in (("vision", "kind"), ("language", "answers")):
        losses = [row[loss] for row in rows if row["stage"] == name and loss in row]
        assert losses[-1] < losses[0]
    assert any("reading" in row for row in rows) and any("moved reading" in row for row in rows)
    ends = [row["answers"] for row in rows if row["stage"] == "language" and "answers" in row]
    begun = next(row["answers"] for row in rows if row["stage"] == "moved")
    assert abs(begun - ends[-1]) < abs(begun - ends[0])
    lasso = [row["lasso"] for row in rows if row["stage"] == "class"]
    assert lasso and all(0 < value < 10 for value in lasso)
