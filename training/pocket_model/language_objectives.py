"""What the language model is asked while it learns: the answers, and five hints that fade out before the end.

Without hints a model of this size finds no way from a noun to the patches that show it within hours. They teach only where
to look: names resemble what they name, a head looks from a name to its patches, and where an answer begins another head
looks at what it is read off, and one at the option that is right. None of them knows of token reduction."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor, nn

from pocket_model.language import WIDTH, LanguageModel
from pocket_model.language_data import LanguageBatch, kind_of_token, tokens_of
from pocket_model.layers import RmsNorm
from pocket_world.colours import COLOUR_NAMES
from pocket_world.kinds import names

HINTS = {"align": 0.3, "name": 0.4, "box": 0.4, "look": 0.4, "pick": 0.4}
_NAME_LAYER, _NAME_HEADS = 1, (0, 1)
_LOOK_LAYER, _LOOK_HEADS = 2, (0, 1)
_PICK_LAYER, _PICK_HEADS = 3, (0, 1)
_LEAST = -30.0
"""Log shares below this cost no more."""


class LanguageObjectives(nn.Module):
    def __init__(self, tokenizer: Tokenizer):
        super().__init__()
        self.norm, self.box = RmsNorm(WIDTH), nn.Linear(WIDTH, 13)
        self.register_buffer("kind_of_token", kind_of_token(tokenizer), persistent=False)
        self.register_buffer("kind_tokens", tokens_of(tokenizer, names()), persistent=False)
        self.register_buffer("colour_tokens", tokens_of(tokenizer, COLOUR_NAMES), persistent=False)

    def forward(
        self, model: LanguageModel, features: Tensor, batch: LanguageBatch, hints: bool
    ) -> tuple[dict[str, Tensor], Tensor]:
        """-> the mean loss of each objective, and which answer tokens are right"""
        same = batch.turn[:, :, None] == batch.turn[:, None, :]
        seen = same & torch.ones(same.shape[1:], dtype=torch.bool).tril()
        bias = torch.where(seen, 0.0, float("-inf"))[:, None].to(features.dtype)
        rows, scores, states = model(features, batch.before, batch.context, batch.ids, batch.positions, bias, hints)
        asked = batch.labels >= 0
        logits, labels, weights = model.logits(rows[asked]), batch.labels[asked], batch.weights[asked]
        answers = F.cross_entropy(logits, labels, reduction="none")
        losses = {"answers": (answers * weights).sum() / weights.sum()}
        if hints:
            named = (self.kind_of_token[batch.ids] >= 0).nonzero(as_tuple=True)
            kinds = self.kind_of_token[batch.ids[named]]
            start = len(batch.before)
            losses["align"] = self._align(model, features, batch)
            losses["name"] = _name(scores[_NAME_LAYER], named, kinds, batch, start)
            losses["box"] = self._box(states[_NAME_LAYER][named].float(), batch.boxes[named[0], kinds])
            losses["look"] = _look(scores[_LOOK_LAYER], batch, start)
            losses["pick"] = _pick(scores[_PICK_LAYER], batch)
        return losses, logits.argmax(-1) == labels

    def _align(self, model: LanguageModel, features: Tensor, batch: LanguageBatch) -> Tensor:
        """Projected patches of a thing resemble its name's embedding, and its colour's."""
        of_thing = (batch.item > 0) & (batch.kind <= len(names()))
        picture = F.rms_norm(model.projector(features[of_thing]).float(), (WIDTH,))
        table = model.embed_tokens.weight
        loss = F.cross_entropy(picture @ table[self.kind_tokens].T, batch.kind[of_thing] - 1)
        colour = batch.colour[of_thing]
        if (colour >= 0).any():
            loss = loss + 0.3 * F.cross_entropy(picture @ table[self.colour_tokens].T, colour, ignore_index=-1)
        return loss

    def _box(self, rows: Tensor, boxes: Tensor) -> Tensor:
        """At the name of a kind that is there once: its box, and in which ninth of the picture it lies."""
        once = boxes[:, 0] >= 0
        if not once.any():
            return rows.new_zeros(())
        found = self.box(self.norm(rows[once]))
        return 2 * (found[:, :4] - boxes[once, :4]).abs().sum(1).mean() + 0.5 * F.cross_entropy(
            found[:, 4:], boxes[once, 4].long()
        )


def _name(scores: Tensor, named: tuple[Tensor, Tensor], kinds: Tensor, batch: LanguageBatch, start: int) -> Tensor:
    """A name looks at the patches of its kind, or at the very first token where there are none."""
    picture, token = named
    hit = batch.kind[picture] == (kinds + 1)[:, None]
    return _shares(scores, _NAME_HEADS, picture, token, hit, start)


def _look(scores: Tensor, batch: LanguageBatch, start: int) -> Tensor:
    """Where an answer (or a letter of it) is due, what it is read off; the whole print where no patch has the letter."""
    picture, token, items, letter = batch.looks.unbind(1)
    of_item = (items[:, None] >> batch.item[picture]) & 1 == 1
    spelled = of_item & (batch.letter[picture] == letter[:, None])
    hit = torch.where(((letter >= 0) & spelled.any(1))[:, None], spelled, of_item)
    return _shares(scores, _LOOK_HEADS, picture, token, hit, start)


def _pick(scores: Tensor, batch: LanguageBatch) -> Tensor:
    """Where an answer is due, the end of the right option."""
    picture, token, option = batch.picks.unbind(1)
    if not len(picture):
        return scores.new_zeros((), dtype=torch.float32)
    target = scores.shape[-1] - batch.ids.shape[1] + option
    return F.cross_entropy(_looks(scores, _PICK_HEADS, picture, token).flatten(0, 1), target.repeat(len(_PICK_HEADS)))


def _shares(scores: Tensor, heads: tuple[int, ...], picture: Tensor, token: Tensor, hit: Tensor, start: int) -> Tensor:
    """Cross entropy of attention and an even share on what is hit."""
    target = torch.zeros(len(picture), scores.shape[-1])
    target[:, start : start + hit.shape[1]] = hit.float()
    target[:, 0] = (~hit.any(1)).float()
    target = target / target.sum(1, keepdim=True)
    shares = F.log_softmax(_looks(scores, heads, picture, token), -1).clamp(min=_LEAST)
    return -(target * shares).sum(-1).mean()


def _looks(scores: Tensor, heads: tuple[int, ...], picture: Tensor, token: Tensor) -> Tensor:
    """[heads, P, p + n + T] float32: where these heads look from tokens of pictures. Taken at once, since backwards each
    taking makes zeros of the size of all scores."""
    return scores[picture, torch.tensor(heads)[:, None], token].float()
