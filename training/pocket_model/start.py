"""A run that begins from an exported checkpoint, which stands for the stages that made it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from shutil import copyfile

from safetensors.torch import load_file
from torch import Tensor

from pocket_model.language import LanguageModel
from pocket_model.run_state import save_atomically
from pocket_model.tower import Tower
from pocket_model.words import load_tokenizer

_ORIGIN = "from.json"


def begin(run: Path, checkpoint: Path | None, vision: str, words: str) -> None:
    """Writes the checkpoint's weights as the ends of the stages `vision` and `words` of a new run, and its tokenizer. A run
    that began otherwise is refused: from nothing, from another checkpoint, or from one that is not named now."""
    origin = run / _ORIGIN
    if checkpoint is None:
        if origin.exists():
            raise FileExistsError(f"{run}: began from a checkpoint ({_ORIGIN}); give it again with --from, or another --run")
        return
    weights = checkpoint / "model.safetensors"
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    if not origin.exists() and any(run.glob("*.pt")):
        raise FileExistsError(f"{run}: holds stages that were trained from nothing; give another --run, or leave out --from")
    if origin.exists() and json.loads(origin.read_text()) != {"sha256": digest}:
        raise FileExistsError(f"{run}: began from other weights than those in {weights}; give another --run")
    run.mkdir(parents=True, exist_ok=True)
    origin.write_text(json.dumps({"sha256": digest}) + "\n")
    copyfile(checkpoint / "tokenizer.json", run / "tokenizer.json")
    tower, model = _parts(load_file(weights))
    _as_end(run / f"{vision}.done.pt", {"tower": _whole(Tower(), tower, weights)})
    vocabulary = load_tokenizer(run / "tokenizer.json").get_vocab_size()
    _as_end(run / f"{words}.done.pt", {"model": _whole(LanguageModel(vocabulary), model, weights)})


def _as_end(path: Path, parts: dict[str, dict[str, Tensor]]) -> None:
    if not path.exists():
        save_atomically({"step": 0, "means": {}, "parts": parts}, path)


def _parts(weights: dict[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Transformers' names -> ours, of the tower and of projector and language model; the other way round in export."""
    tower, model = {}, {}
    for name, weight in weights.items():
        own = name.removeprefix("model.")
        if own.startswith("vision_tower."):
            tower[own.removeprefix("vision_tower.").removeprefix("vision_model.")] = weight.float()
        elif own.startswith("multi_modal_projector."):
            model["projector." + own.removeprefix("multi_modal_projector.")] = weight.float()
        elif not own.startswith("lm_head."):
            model[own.removeprefix("language_model.").removeprefix("model.")] = weight.float()
    return tower, model


def _whole(part: Tower | LanguageModel, weights: dict[str, Tensor], path: Path) -> dict[str, Tensor]:
    """The weights in the part's shapes; refuses what is missing, too much, or of another size."""
    expected = part.state_dict()
    if weights.keys() != expected.keys():
        other = sorted(weights.keys() ^ expected.keys())
        raise ValueError(f"{path}: expected the weights of pocket-llava, found others or fewer: {', '.join(other[:5])}")
    for name, weight in expected.items():
        if weights[name].numel() != weight.numel():
            raise ValueError(f"{path}: {name}: expected {tuple(weight.shape)}, found {tuple(weights[name].shape)}")
    return {name: weights[name].reshape(weight.shape) for name, weight in expected.items()}
