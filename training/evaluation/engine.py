"""Greedy answers in batches: each picture's prefix once, its questions from that key/value cache.

The language model is transformers' own; only what it is handed is put together here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from transformers import DynamicCache

from tuning.conversations import Turn, by_template_question, vicuna_v1

ROWS = 48
"""Questions at once"""


@dataclass(frozen=True)
class Question:
    ids: list[int]
    """The prompt, with one image id where it is about a picture"""
    picture: int | None
    """Which of the batch's pictures"""
    limit: int


@dataclass(frozen=True)
class Answer:
    text: str
    gap: float
    """Least difference between the best and the second best logit over all steps: how near it was to another answer"""


@dataclass
class _Prefixes:
    cache: DynamicCache
    """Keys and values of (prefixes, longest), padded at the end"""
    lengths: Tensor


class Answerer:
    """`model`: LlavaForConditionalGeneration in evaluation mode; `end_ids` end an answer."""

    def __init__(self, model: Any, tokenizer: Any, end_ids: list[int], prompt: str = "template"):
        self.model, self.tokenizer, self.prompt = model, tokenizer, prompt
        self.image_id = int(model.config.image_token_id)
        self.ends = torch.tensor(end_ids)

    def ids(self, text: str, has_picture: bool) -> list[int]:
        turn = Turn("user", text, int(has_picture))
        vicuna = self.prompt == "vicuna_v1"
        written = vicuna_v1([turn]).text if vicuna else by_template_question(turn, self.tokenizer)
        begins = self.tokenizer.bos_token is not None and written.startswith(self.tokenizer.bos_token)
        return self.tokenizer(written, add_special_tokens=not begins)["input_ids"]

    @torch.inference_mode()
    def answer(self, rows: list[Tensor], questions: list[Question]) -> list[Answer]:
        """`rows`: (visual tokens, width) of each picture, projected."""
        found: list[Answer | None] = [None] * len(questions)
        with_picture = [place for place, question in enumerate(questions) if question.picture is not None]
        alone = [place for place, question in enumerate(questions) if question.picture is None]
        if with_picture:
            before = {tuple(self._split(questions[place])[0]) for place in with_picture}
            if len(before) > 1:
                raise ValueError("the prompt before the picture depends on the question")
            prefixes = self._prefill([self._visual(next(iter(before)), picture) for picture in rows])
            self._answer_all(prefixes, with_picture, questions, found)
        if alone:
            begin = torch.tensor(questions[alone[0]].ids[:1])
            self._answer_all(self._prefill([self.model.get_input_embeddings()(begin)]), alone, questions, found)
        return [answer for answer in found if answer is not None]

    def _split(self, question: Question) -> tuple[list[int], list[int]]:
        """Ids before the picture, and after it; of a question without one, its first id and the rest."""
        if question.picture is None:
            return question.ids[:1], question.ids[1:]
        place = question.ids.index(self.image_id)
        return question.ids[:place], question.ids[place + 1 :]

    def _visual(self, before: tuple[int, ...], picture: Tensor) -> Tensor:
        embedded = self.model.get_input_embeddings()(torch.tensor(before, dtype=torch.long))
        return torch.cat([embedded, picture.to(embedded.dtype)])

    def _prefill(self, prefixes: list[Tensor]) -> _Prefixes:
        lengths = torch.tensor([len(prefix) for prefix in prefixes])
        embeddings = pad_sequence(prefixes, batch_first=True)
        mask = (torch.arange(embeddings.shape[1])[None] < lengths[:, None]).long()
        cache = DynamicCache()
        self.model.model.language_model(
            inputs_embeds=embeddings, attention_mask=mask, past_key_values=cache, use_cache=True
        )
        return _Prefixes(cache, lengths)

    def _answer_all(
        self, prefixes: _Prefixes, places: list[int], questions: list[Question], found: list[Answer | None]
    ) -> None:
        places = sorted(places, key=lambda place: len(questions[place].ids))
        for start in range(0, len(places), ROWS):
            some = places[start : start + ROWS]
            for place, answer in zip(some, self._greedy(prefixes, [questions[at] for at in some]), strict=True):
                found[place] = answer

    def _greedy(self, prefixes: _Prefixes, questions: list[Question]) -> list[Answer]:
        tails = [torch.tensor(self._split(question)[1]) for question in questions]
        which = torch.tensor([question.picture or 0 for question in questions])
        lengths = prefixes.lengths[which]
        mask = torch.arange(int(prefixes.lengths.max()))[None] < lengths[:, None]
        cache = _rows_of(prefixes.cache, which)
        ids = pad_sequence(tails, batch_first=True)
        sizes = torch.tensor([len(tail) for tail in tails])
        here = torch.arange(ids.shape[1])[None]
        mask = torch.cat([mask, here < sizes[:, None]], 1)
        logits = self._forward(ids, mask, lengths[:, None] + here, cache, sizes - 1)
        position = lengths + sizes
        tokens: list[list[int]] = [[] for _ in questions]
        gaps = [float("inf")] * len(questions)
        running = list(range(len(questions)))
        for step in range(max(question.limit for question in questions)):
            best = logits.topk(2, dim=-1)
            chosen, gap = best.indices[:, 0], (best.values[:, 0] - best.values[:, 1]).tolist()
            ended = torch.isin(chosen, self.ends)
            for row, place in enumerate(running):
                gaps[place] = min(gaps[place], gap[row])
                if not ended[row]:
                    tokens[place].append(int(chosen[row]))
            goes_on = ~ended & torch.tensor([questions[place].limit > step + 1 for place in running])
            if not goes_on.any():
                break
            if not goes_on.all():
                keep = goes_on.nonzero().flatten()
                running = [running[row] for row in keep.tolist()]
                cache, mask, position, chosen = _rows_of(cache, keep), mask[keep], position[keep], chosen[keep]
            mask = torch.cat([mask, mask.new_ones(len(running), 1)], 1)
            last = torch.zeros(len(running), dtype=torch.long)
            logits = self._forward(chosen[:, None], mask, position[:, None], cache, last)
            position = position + 1
        texts = self.tokenizer.batch_decode(tokens, skip_special_tokens=True)
        return [Answer(text.strip(), gap) for text, gap in zip(texts, gaps, strict=True)]

    def _forward(self, ids: Tensor, mask: Tensor, positions: Tensor, cache: DynamicCache, last: Tensor) -> Tensor:
        """Logits (rows, vocabulary) after the `last` token of each row."""
        hidden = self.model.model.language_model(
            inputs_embeds=self.model.get_input_embeddings()(ids),
            attention_mask=mask.long(),
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
        ).last_hidden_state
        return self.model.lm_head(hidden[torch.arange(len(ids)), last]).float()


def _rows_of(cache: DynamicCache, rows: Tensor) -> DynamicCache:
    """A copy of some rows, each as often as it is named."""
    copy = DynamicCache()
    for number, layer in enumerate(cache.layers):
        copy.update(layer.keys[rows], layer.values[rows], number)
    return copy
