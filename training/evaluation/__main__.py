"""The table of the model card: full, PruMerge, PruMerge+, uniform, random (equal counts), without and with an adapter,
over all benchmarks, by their official scorers, with 95 % intervals.

    python -m evaluation --checkpoint ../models/pocket-llava/checkpoint --adapter ADAPTER --out RUN

Writes RUN/table.md, RUN/answers/ in LLaVA's format (for `prumerge score`) and RUN/journal.jsonl, with which the same
command goes on where it was cut off."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from evaluation.answering import Journal, Work, answer_all
from evaluation.configurations import configurations
from evaluation.models import answerer_of, digest, load, processor_of
from evaluation.node import ROOT, Asked, questions, scores
from evaluation.table import PLAIN, TUNED, losses, table
from tuning.settings import PROMPTS

TITLES = {
    "vqav2": "VQAv2",
    "gqa": "GQA",
    "scienceqa": "ScienceQA-IMG",
    "textvqa": "TextVQA",
    "pope": "POPE",
    "mme": "MME",
    "mmbench": "MMBench",
}


def main() -> None:
    options = _parse()
    options.out.mkdir(parents=True, exist_ok=True)
    rules = dict(rule.split("=", 1) for rule in options.rule)
    asked = questions(options.data, options.out, options.tasks, rules, options.limit)
    _refuse_other_run(options, rules)
    names = [configuration.name for configuration in configurations(options.method)]
    journal = Journal(options.out / "journal.jsonl")
    _answer(options, asked, journal)
    keys = [(variant, name) for variant in _variants(options) for name in names]
    for variant, name in keys:
        _write_answers(options.out / "answers", variant, name, asked, journal)
    by_name = {f"{variant}/{name}": journal.answers(variant, name, asked) for variant, name in keys}
    found = scores(options.data, rules, by_name)
    sets = {key: found["/".join(key)] for key in keys}
    tokens = {key: journal.visual_tokens(*key, asked) for key in keys}
    titles = {task: title for task, title in TITLES.items() if task in sets[keys[0]]}
    text = table(sets, tokens, names, titles)
    if TUNED in _variants(options):
        text += "\n" + losses(sets, names)
    (options.out / "table.md").write_text(text)
    print(text)


def _answer(options: argparse.Namespace, asked: list[Asked], journal: Journal) -> None:
    plain = load(options.checkpoint)
    processor = processor_of(options.checkpoint, plain)
    variants = {PLAIN: answerer_of(plain, processor, options.prompt)}
    if options.adapter is not None:
        variants[TUNED] = answerer_of(load(options.checkpoint, options.adapter), processor, options.prompt)
    work = Work(variants, configurations(options.method), processor, options.seed)
    start = time.monotonic()

    def tell(done: int, total: int) -> None:
        print(f"\r{done} of {total} questions, {time.monotonic() - start:.0f} s", end="", file=sys.stderr, flush=True)

    answer_all(work, asked, journal, tell)
    print(file=sys.stderr)


def _variants(options: argparse.Namespace) -> list[str]:
    return [PLAIN] if options.adapter is None else [PLAIN, TUNED]


def _write_answers(folder: Path, variant: str, name: str, asked: list[Asked], journal: Journal) -> None:
    answers = journal.answers(variant, name, asked)
    for task in {question.task for question in asked}:
        path = folder / task / f"{variant}-{name.replace(' ', '-').replace(':', '-')}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [
            {
                **question.llava,
                "text": answers[task][question.id],
                "answer_id": f"{task}-{question.id}",
                "model_id": f"{variant} {name}",
                "metadata": {},
            }
            for question in asked
            if question.task == task
        ]
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))


def _refuse_other_run(options: argparse.Namespace, rules: dict[str, str]) -> None:
    """Answers of two models, or to other questions, are not put together."""
    path = options.out / "run.json"
    run = {
        "checkpoint": digest(options.checkpoint),
        "adapter": options.adapter and digest(options.adapter),
        "prompt": options.prompt,
        "rules": rules,
        "seed": options.seed,
    }
    if path.exists() and json.loads(path.read_text()) != run:
        sys.exit(f"{options.out} holds a run of another model, prompt, rule or seed; give another --out")
    path.write_text(json.dumps(run, indent=1) + "\n")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, default=ROOT / "models/pocket-llava/checkpoint")
    parser.add_argument("--adapter", type=Path, help="of tune_lora.py")
    parser.add_argument("--data", type=Path, default=ROOT / "benchmarks/pocket")
    parser.add_argument("--out", type=Path, required=True, help="the run's folder; an unfinished run goes on")
    parser.add_argument("--tasks", type=lambda text: text.split(","), help="default: all")
    parser.add_argument(
        "--method",
        type=lambda text: text.split(","),
        default=["prumerge", "prumerge+:adaptive:144"],
        help="METHOD[:BUDGET],... (reduction/methods.py); default prumerge,prumerge+:adaptive:144",
    )
    parser.add_argument("--rule", action="append", default=[], help="NAME=VALUE of a task, as in prumerge score")
    parser.add_argument("--limit", type=int, help="about so many questions of each task")
    parser.add_argument("--prompt", choices=PROMPTS, default="template")
    parser.add_argument("--seed", type=int, default=0, help="of random")
    return parser.parse_args()


if __name__ == "__main__":
    main()
