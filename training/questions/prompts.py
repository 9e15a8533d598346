"""The texts that LLaVA-1.5 puts around questions (its evaluation scripts and conversation template)."""

from __future__ import annotations

from pocket_world.dice import Dice
from pocket_world.scene import Scene
from questions.question import Question

SHORT = "Answer the question using a single word or phrase."
"""VQAv2, GQA, TextVQA, POPE, MME"""
LETTER = "Answer with the option's letter from the given choices directly."
"""ScienceQA, MMBench"""
OCR_TOKENS = "Reference OCR token: "
CONTEXT = "Context: "

SYSTEM = (
    "A chat between a curious human and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the human's questions."
)
"""What LLaVA's conversations begin with."""

HINTS = (
    "Look at the picture.",
    "The picture shows some things.",
    "This picture was drawn for a class.",
    "The things in the picture belong to one person.",
)
"""Contexts that say nothing about the answer."""


def ocr_line(tokens: list[str]) -> str:
    """LLaVA's line for TextVQA; it ends in a blank where nothing was recognised."""
    return OCR_TOKENS + ", ".join(tokens)


def training_prompt(question: Question, scene: Scene, dice: Dice) -> str:
    """The question as it may be met: bare, or with the instruction of a benchmark."""
    if question.family == "caption":
        return question.text
    if question.family == "choice":
        context = f"{CONTEXT}{dice.pick(HINTS)}\n" if dice.chance(0.25) else ""
        return f"{context}{question.text}\n{LETTER}"
    if question.family == "paired" and dice.chance(0.6):
        return question.text.split(" Please answer")[0] + f"\n{SHORT}"
    if dice.chance(0.3):
        return question.text
    if question.family == "reading" and dice.chance(0.25):
        tokens = [print_.string for print_ in scene.prints if not print_.is_detail or dice.chance(0.5)]
        return f"{question.text}\n{ocr_line(tokens)}\n{SHORT}"
    return f"{question.text}\n{SHORT}"
