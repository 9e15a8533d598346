"""The tokenizer: byte-level BPE learned from the questions. Capitals and digits stay single, so that print is spelled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from pocket_world.colours import COLOUR_NAMES
from pocket_world.dice import Dice
from pocket_world.kinds import by_name
from pocket_world.splits import seeds_of
from questions import prompts
from questions.stream import stream

SPECIAL = ("<unk>", "<s>", "</s>", "<pad>", "<image>")
UNKNOWN, BEGIN, END, PAD, IMAGE = range(len(SPECIAL))
USER, ASSISTANT = "USER:", "ASSISTANT:"
VOCABULARY = 1536
_SCENES = 1500


def load_tokenizer(path: Path) -> Tokenizer:
    """Reads the tokenizer; learns it first where it is missing."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        learn_tokenizer().save(str(path))
    return Tokenizer.from_file(str(path))


def learn_tokenizer(scenes: int = _SCENES) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - 2,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        min_frequency=5,
        show_progress=False,
    )
    tokenizer.train_from_iterator(_texts(scenes), trainer)
    tokenizer.add_tokens([AddedToken(word, normalized=False) for word in (USER, ASSISTANT)])
    begin = SPECIAL[BEGIN]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A", pair=f"{begin} $A $B", special_tokens=[(begin, BEGIN)]
    )
    return tokenizer


def _texts(scenes: int) -> Iterator[str]:
    """Questions and answers without what is printed; every name often enough to become one token."""
    for name in (*by_name(), *(kind.plural for kind in by_name().values()), *COLOUR_NAMES):
        yield from [f" {name}"] * 20
    for text in (prompts.SHORT, prompts.LETTER, prompts.OCR_TOKENS, prompts.CONTEXT, *prompts.HINTS):
        yield from ["\n" + text] * 50
    for scene, questions in stream(seeds_of("train", 0, scenes)):
        printed = [print_.string for print_ in scene.prints]
        dice = Dice(scene.seed)
        for question in dice.sample(questions, 14):
            for text in ("\n" + question.text + " ", " " + question.answer):
                if not any(string in text for string in printed) and question.notes.get("sort") != "printed":
                    yield text
