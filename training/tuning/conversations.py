"""LLaVA-format items as prompts with marked answers.

An item is `{"id", "image"?, "conversations": [{"from": "human" | "gpt", "value"}, ...]}`; `image` is a path or a list
of paths, and the human's text holds one `<image>` for each, which LLaVA moves before the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor, tensor

IMAGE = "<image>"
IGNORED = -100
VICUNA_SYSTEM = (
    "A chat between a curious user and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the user's questions."
)
ROLES = {"human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant"}


@dataclass(frozen=True)
class Turn:
    role: str
    """`user` or `assistant`"""
    text: str
    images: int = 0


@dataclass(frozen=True)
class Prompt:
    """A whole conversation as text; `answers` are the spans of it that are learned, from after the assistant's mark to
    the end token."""

    text: str
    answers: tuple[tuple[int, int], ...]


def pictures_of(item: dict[str, Any]) -> list[str]:
    """Raises ValueError for what is neither a path nor a list of paths."""
    image = item.get("image")
    pictures = image if isinstance(image, list) else [image] if image else []
    if not all(isinstance(picture, str) for picture in pictures):
        raise ValueError(f"expected a picture's path or a list of paths, found {image!r}")
    return pictures


def turns_of(item: dict[str, Any]) -> list[Turn]:
    """Raises ValueError for what has no conversation, where roles do not take turns, or where pictures and their marks
    differ in number."""
    if not isinstance(item, dict):
        raise ValueError(f"expected an object with conversations, found {item!r}")
    parts = item.get("conversations")
    if not isinstance(parts, list):
        raise ValueError(f"expected a list of conversations, found {parts!r}")
    turns = []
    for part in parts:
        if not isinstance(part, dict):
            raise ValueError(f"expected a turn with from and value, found {part!r}")
        role = ROLES.get(str(part.get("from")))
        if role is None:
            raise ValueError(f"expected human or gpt, found {part.get('from')!r}")
        text, images = part.get("value"), 0
        if not isinstance(text, str):
            raise ValueError(f"expected the text of {part['from']}, found {text!r}")
        if role == "user" and IMAGE in text:
            images = text.count(IMAGE)
            text = text.replace(IMAGE, "").strip()
        turns.append(Turn(role, text, images))
    if turns and turns[0].role == "assistant":  # as LLaVA does
        turns = turns[1:]
    expected = ["user", "assistant"] * (len(turns) // 2)
    if not turns or [turn.role for turn in turns] != expected:
        raise ValueError(f"expected human and gpt in turns, found {[t.role for t in turns]}")
    marks, pictures = sum(turn.images for turn in turns), len(pictures_of(item))
    if marks != pictures:
        raise ValueError(f"expected one {IMAGE} per picture, found {marks} for {pictures}")
    return turns


def vicuna_v1(turns: list[Turn], end: str = "</s>") -> Prompt:
    """LLaVA-1.5's conversation (llava/conversation.py): a system sentence, USER and ASSISTANT, `</s>` after answers."""
    text, answers = VICUNA_SYSTEM + " ", []
    for turn in turns:
        if turn.role == "user":
            text += "USER: " + f"{IMAGE}\n" * turn.images + turn.text + " ASSISTANT:"
        else:
            start = len(text)
            text += f" {turn.text}{end}"
            answers.append((start, len(text)))
    return Prompt(text, tuple(answers))


def by_template(turns: list[Turn], tokenizer: Any, ends: list[str]) -> Prompt:
    """The checkpoint's own chat template. Raises ValueError where it does not end answers with an end token, since a
    model would not learn to stop."""
    messages = [_message(turn) for turn in turns]
    text, answers = "", []
    for count, turn in enumerate(turns, 1):
        whole = tokenizer.apply_chat_template(messages[:count], tokenize=False)
        if turn.role == "assistant":
            asked = tokenizer.apply_chat_template(messages[: count - 1], tokenize=False, add_generation_prompt=True)
            if not whole.startswith(asked):
                raise ValueError("the chat template writes a question otherwise once it is answered: use vicuna_v1")
            stop = max((whole.rfind(end) + len(end) for end in ends if end in whole[len(asked) :]), default=None)
            if stop is None:
                raise ValueError(f"the chat template ends answers with none of {ends}: use --prompt vicuna_v1")
            answers.append((len(asked), stop))
        if not whole.startswith(text):
            raise ValueError("the chat template writes earlier turns otherwise when others follow: use vicuna_v1")
        text = whole
    return Prompt(text, tuple(answers))


def by_template_question(turn: Turn, tokenizer: Any) -> str:
    """One question, up to where its answer begins."""
    return tokenizer.apply_chat_template([_message(turn)], tokenize=False, add_generation_prompt=True)


def _message(turn: Turn) -> dict[str, Any]:
    pictures = [{"type": "image"}] * turn.images
    return {"role": turn.role, "content": [*pictures, {"type": "text", "text": turn.text}]}


def encode(prompt: Prompt, tokenizer: Any) -> tuple[Tensor, Tensor]:
    """Token ids (length,) with one image id per picture, and labels (length,): answers, and IGNORED elsewhere."""
    begins = tokenizer.bos_token is not None and prompt.text.startswith(tokenizer.bos_token)
    encoded = tokenizer(prompt.text, add_special_tokens=not begins, return_offsets_mapping=True)
    labels = [
        token if any(low < end and start < high for low, high in prompt.answers) else IGNORED
        for token, (start, end) in zip(encoded["input_ids"], encoded["offset_mapping"], strict=True)
    ]
    return tensor(encoded["input_ids"]), tensor(labels)
