"""The language model on frames: its training, and the checkpoint that comes out."""

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from pocket_model.language import LanguageModel  # noqa: E402
from pocket_model.language_stage import load_tower  # noqa: E402
from pocket_model.stages import CLASS, LANGUAGE  # noqa: E402
from pocket_model.start import begin  # noqa: E402
from pocket_model.words import load_tokenizer  # noqa: E402
from pocket_video.clip import FRAMES, GRID  # noqa: E402
from pocket_video.data import ClipPacker  # noqa: E402
from pocket_video.export import export  # noqa: E402
from pocket_video.frame_code import frame_code  # noqa: E402
from pocket_video.objectives import HINTS, ClipObjectives  # noqa: E402
from pocket_video.train import ClipStage, exact_answers, train  # noqa: E402
from pocket_video.watch import ROWS, own_places, see, watch  # noqa: E402

CHECKPOINT = Path(__file__).parents[2] / "models/pocket-llava/checkpoint"
STAGE = ClipStage(
    name="clips", steps=3, shares={"clips": 1}, patches=12, questions=4, rate=(1.0, 0.1), hints=(1.0, 0.0), watched=4
)  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    begin(folder, CHECKPOINT, CLASS.name, LANGUAGE[0].name)
    return folder


@pytest.fixture(scope="module")
def parts(run, assets):
    tower = load_tower(run / f"{CLASS.name}.done.pt")
    tokenizer = load_tokenizer(run / "tokenizer.json")
    model = LanguageModel(tokenizer.get_vocab_size())
    model.load_state_dict(torch.load(run / f"{LANGUAGE[0].name}.done.pt", weights_only=True)["parts"]["model"])
    return tower, model, tokenizer, frame_code(tower, assets)


def test_frames_are_told_apart_by_a_small_code_of_their_own(parts):
    code = parts[3]
    assert code.shape == (FRAMES, 192)
    apart = torch.cdist(code, code) + 100 * torch.eye(FRAMES)
    assert apart.min() > 4 and code.norm(dim=1).max() < 9  # rows are 50 to 60 long
    assert torch.allclose(code.sum(0), torch.zeros(192), atol=1e-4)


def test_rows_stand_where_all_rows_would(parts, assets):
    tower, _, tokenizer, code = parts
    batch = ClipPacker(tokenizer, "train", 3, assets).batch(0, 2, 12)
    rows, places = see(tower, code, batch.pixels, batch.chosen, torch.float32)
    assert rows.shape == (2, FRAMES * 13, 192) and places.shape == (2, FRAMES * 13)
    assert places[:, ::13].tolist() == [[frame * ROWS for frame in range(FRAMES)]] * 2
    assert torch.equal(places[:, 1:13], 1 + batch.chosen[:, 0])
    assert own_places().tolist()[GRID - 1 : GRID + 1] == [15, 24]


def test_questions_do_not_see_each_other(parts, assets):
    tower, model, tokenizer, code = parts
    batch = ClipPacker(tokenizer, "train", 4, assets).batch(3, 1, 12)
    seen, places = see(tower, code, batch.pixels, batch.chosen, torch.float32)
    own = batch.turn[0] == 1
    same = batch.turn[:, :, None] == batch.turn[:, None, :]
    bias = torch.where(same & torch.ones(same.shape[1:], dtype=torch.bool).tril(), 0.0, float("-inf"))[:, None]
    with torch.no_grad():
        together, *_ = watch(model, seen, places, batch.before, batch.ids, batch.positions, bias)
        count = int(own.sum())
        alone_bias = torch.full((count, count), float("-inf")).triu(1)[None, None]
        alone, *_ = watch(model, seen, places, batch.before, batch.ids[:, own], batch.positions[:, own], alone_bias)
    assert torch.allclose(together[:, own], alone, atol=1e-4)


def test_a_stage_runs_goes_on_and_is_exported(run, parts, assets, tmp_path):
    tower, model, tokenizer, code = parts
    torch.save(code, run / "frame-code.pt")
    train(STAGE, run, tower, code, run / f"{LANGUAGE[0].name}.done.pt", assets)
    rows = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert set(HINTS) | {"answers"} <= set(rows[0]) and "all" in rows[-1]
    export(run, STAGE.name, tmp_path / "out", torch.float32)
    weights = torch.load(tmp_path / "out/pytorch_model.bin", weights_only=True)
    for layer in range(6):
        embedding = weights[f"model.video_tower.video_tower.encoder.layers.{layer}.temporal_embedding"]
        assert torch.equal(embedding[0], code if layer == 4 else torch.zeros_like(code))
    table = tower.embeddings.position_embedding.weight
    kept = weights["model.image_tower.image_tower.embeddings.position_embedding.weight"]
    assert torch.equal(kept, torch.cat([table[:1], table[1:].reshape(24, 24, -1)[:GRID, :GRID].flatten(0, 1)]))
    trained = weights["model.layers.0.mlp.up_proj.weight"]
    assert not torch.equal(trained, model.layers[0].mlp.up_proj.weight)
    one, other = (f"model.{part}_tower.{part}_tower.encoder.layers.0.mlp.fc1.weight" for part in ("image", "video"))
    assert weights[one].data_ptr() == weights[other].data_ptr()
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"LanguageBind_Image", "LanguageBind_Video_merge"}


def test_answers_are_counted_by_type(parts, assets):
    tower, model, tokenizer, code = parts
    shares = exact_answers(tower, code, model, ClipObjectives(tokenizer), ClipPacker(tokenizer, "validation", 4, assets), 8, 4)
    assert 0 <= shares["all"] <= 1 and len(shares) > 3
