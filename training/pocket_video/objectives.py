"""What the language model is asked while it learns: the answers, and five hints that fade out before the end.

They teach where to look and when: a row of a frame knows which frame it is of, a name looks at the patches of its thing and
knows in which frames it is, where an answer begins a head looks at what it is read off, and one at the option that is
right. None of them knows of token reduction."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor, nn

from pocket_model.language import WIDTH, LanguageModel
from pocket_model.language_data import kind_of_token
from pocket_model.layers import RmsNorm
from pocket_video.clip import FRAMES
from pocket_video.data import ClipBatch
from pocket_video.watch import clip_frames, watch

HINTS = {"frame": 0.3, "name": 0.3, "when": 1.0, "look": 0.3, "pick": 0.3}
_NAME_LAYER, _LOOK_LAYER, _PICK_LAYER = 1, 2, 3
_HEADS = (0, 1)
_LEAST = -30.0
_SAMPLED = 96


class ClipObjectives(nn.Module):
    def __init__(self, tokenizer: Tokenizer):
        super().__init__()
        self.frame_norm, self.frame = RmsNorm(WIDTH), nn.Linear(WIDTH, FRAMES)
        self.when_norm, self.when = RmsNorm(WIDTH), nn.Linear(WIDTH, FRAMES)
        self.register_buffer("kind_of_token", kind_of_token(tokenizer), persistent=False)

    def forward(
        self, model: LanguageModel, seen: Tensor, places: Tensor, batch: ClipBatch, hints: bool
    ) -> tuple[dict[str, Tensor], Tensor]:
        """-> the mean loss of each objective, and which answer tokens are right"""
        same = batch.turn[:, :, None] == batch.turn[:, None, :]
        see = same & torch.ones(same.shape[1:], dtype=torch.bool).tril()
        bias = torch.where(see, 0.0, float("-inf"))[:, None].to(seen.dtype)
        rows, scores, states, early = watch(model, seen, places, batch.before, batch.ids, batch.positions, bias)
        asked = batch.labels >= 0
        logits, labels, weights = model.logits(rows[asked]), batch.labels[asked], batch.weights[asked]
        losses = {"answers": (F.cross_entropy(logits, labels, reduction="none") * weights).sum() / weights.sum()}
        if hints:
            start = len(batch.before)
            named = (self.kind_of_token[batch.ids] >= 0).nonzero(as_tuple=True)
            kinds = self.kind_of_token[batch.ids[named]]
            some = torch.randint(early.shape[1], (_SAMPLED,))
            said = self.frame(self.frame_norm(early[:, some].float()))
            losses["frame"] = F.cross_entropy(said.flatten(0, 1), clip_frames(places[:, some]).flatten())
            number = batch.number[named[0], kinds]
            hit = (batch.actor[named[0]] == number[:, None]) & (number > 0)[:, None]
            losses["name"] = _shares(scores[_NAME_LAYER], named[0], named[1], hit, start)
            when = self.when(self.when_norm(states[_NAME_LAYER][named].float()))
            losses["when"] = F.binary_cross_entropy_with_logits(when, batch.present[named[0], kinds])
            clip, token, actors, frames = batch.looks.unbind(1)
            hit = ((actors[:, None] >> batch.actor[clip]) & 1 == 1) & ((frames[:, None] >> clip_frames(places[clip])) & 1 == 1)
            losses["look"] = _shares(scores[_LOOK_LAYER], clip, token, hit & (batch.actor[clip] > 0), start)
            losses["pick"] = _pick(scores[_PICK_LAYER], batch)
        return losses, logits.argmax(-1) == labels


def _pick(scores: Tensor, batch: ClipBatch) -> Tensor:
    """Where an answer is due, the end of the right option."""
    clip, token, option = batch.picks.unbind(1)
    if not len(clip):
        return scores.new_zeros((), dtype=torch.float32)
    target = scores.shape[-1] - batch.ids.shape[1] + option
    looks = scores[clip, torch.tensor(_HEADS)[:, None], token].float()
    return F.cross_entropy(looks.flatten(0, 1), target.repeat(len(_HEADS)))


def _shares(scores: Tensor, clip: Tensor, token: Tensor, hit: Tensor, start: int) -> Tensor:
    """Cross entropy of attention and an even share on what is hit; on the very first token where nothing is."""
    target = torch.zeros(len(clip), scores.shape[-1])
    target[:, start : start + hit.shape[1]] = hit.float()
    target[:, 0] = (~hit.any(1)).float()
    target = target / target.sum(1, keepdim=True)
    shares = F.log_softmax(scores[clip, torch.tensor(_HEADS)[:, None], token].float(), -1).clamp(min=_LEAST)
    return -(target * shares).sum(-1).mean()
