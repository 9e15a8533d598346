"""One truth in two languages: what transformers answers to every benchmark question in Python (float32, all 576 visual
tokens), the converted model (fp32) answers in TypeScript; and how far the shipped, quantised form is from it.

    python -m evaluation.one_truth --shipped ../models/pocket-llava --out RUN

Both see the same pixels: where the two decoders differ in a picture, that is an error. An answer that differs counts
as a near-tie where the two best logits of the step at which it parts lie within 0.001, and else as a failure.
RUN/report.md lists them all; the exit status is 1 where there is a failure, or where the shipped form's mean is
further than 1 point away. The same command goes on where it was cut off."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from PIL import Image

from evaluation.models import answerer_of, digest, load, processor_of
from evaluation.node import ROOT, Asked, prumerge, questions, scores
from evaluation.official import Truth, answer_all
from evaluation.statistics import Estimate, Resamples
from evaluation.table import clusters, units

NEAR_TIE = 1e-3
POINTS = 1.0
SUBJECT = ("task", "id", "text", "picture")


def main() -> None:
    options = _parse()
    options.out.mkdir(parents=True, exist_ok=True)
    rules = dict(rule.split("=", 1) for rule in options.rule)
    asked = questions(options.data, options.out, options.tasks, rules, options.limit)
    differing = [str(path) for path in _pictures(asked) if not _same_pixels(path, _pictures(asked)[path])]
    if differing:
        sys.exit(f"{len(differing)} pictures are decoded otherwise in Python: {differing[:5]}")

    model = load(options.checkpoint)
    processor = processor_of(options.checkpoint, model)
    answerer = answerer_of(model, processor)
    truth = _truth(options, answerer, processor, asked)
    ours = _typescript(options, asked, "fp32", _converted(options))
    report = [f"{len(asked)} questions, {len(_pictures(asked))} pictures, the same pixels in both.", ""]
    failures = _compare(asked, truth, ours, processor.tokenizer, report)
    ok = failures == 0
    if options.shipped is not None:
        shipped = _typescript(options, asked, "shipped", options.shipped)
        ok &= _within(options, rules, ours, shipped, report)
    (options.out / "report.md").write_text("\n".join(report) + "\n")
    print("\n".join(report))
    sys.exit(0 if ok else 1)


def _compare(
    asked: list[Asked],
    truth: dict[tuple[str, str], Truth],
    ours: dict[str, dict[str, str]],
    tokenizer: Any,
    report: list[str],
) -> int:
    lines, ties, failures = [], 0, 0
    for question in asked:
        expected, found = truth[question.key].text(tokenizer), ours[question.task][question.id]
        if expected == found:
            continue
        gap = truth[question.key].parting(tokenizer, found)
        near = gap < NEAR_TIE
        ties, failures = ties + near, failures + (not near)
        verdict = "near-tie" if near else "FAILURE"
        lines.append(f"| {question.task} | {question.id} | {expected!r} | {found!r} | {gap:.2g} | {verdict} |")
    same = len(asked) - ties - failures
    report.append(f"Answers alike: {same} of {len(asked)}; near-ties: {ties}; failures: {failures}.")
    if lines:
        report += ["", "| task | id | transformers | prumerge fp32 | gap | |", "|---" * 6 + "|", *lines]
    return failures


def _within(
    options: argparse.Namespace,
    rules: dict[str, str],
    ours: dict[str, dict[str, str]],
    shipped: dict[str, dict[str, str]],
    report: list[str],
) -> bool:
    found = scores(options.data, rules, {"fp32": ours, "shipped": shipped})
    report += ["", "| benchmark | fp32 | shipped |", "|---|---|---|"]
    for task in found["fp32"]:
        values = [found[form][task]["headline"]["value"] for form in ("fp32", "shipped")]
        report.append(f"| {task} | " + " | ".join("-" if value is None else f"{value:.1f}" for value in values) + " |")
    first, second = units(found["fp32"]), units(found["shipped"])
    draws = Resamples(clusters(found["fp32"]))
    means = [draws.mean(first), draws.mean(second)]
    report.append(f"| mean | {means[0].value:.2f} | {means[1].value:.2f} |")
    difference: Estimate = draws.difference(second, first)
    verdict = "within" if abs(difference.value) <= POINTS else "NOT within"
    report.append(
        f"\nShipped less fp32: {difference.value:+.2f} points ({difference.low:+.2f}..{difference.high:+.2f}), "
        f"{verdict} {POINTS:g}."
    )
    return abs(difference.value) <= POINTS


def _truth(options: argparse.Namespace, answerer: Any, processor: Any, asked: list[Asked]) -> dict:
    path = options.out / "truth.jsonl"
    own = digest(options.checkpoint)
    found: dict[tuple[str, str, str, str | None], Truth] = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            known = json.loads(line)
        except ValueError:  # torn by a kill
            continue
        if known["checkpoint"] == own and "picture" in known:
            found[known["task"], known["id"], known["text"], known["picture"]] = Truth(known["tokens"], known["gaps"])
    left = [question for question in asked if _subject(question) not in found]
    done = len(asked) - len(left)
    with path.open("a") as file:
        file.write("\n")
        for batch in answer_all(answerer, processor, left):
            for question, truth in batch:
                found[_subject(question)] = truth
                about = {"checkpoint": own, **dict(zip(SUBJECT, _subject(question), strict=True))}
                gaps = [round(gap, 6) for gap in truth.gaps]
                file.write(json.dumps(about | {"tokens": truth.tokens, "gaps": gaps}) + "\n")
            file.flush()
            done += len(batch)
            print(f"\rtransformers: {done} of {len(asked)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return {question.key: found[_subject(question)] for question in asked}


def _subject(question: Asked) -> tuple[str, str, str, str | None]:
    """What an answer is to: benchmarks are made anew under the same ids and names."""
    return *question.key, question.text, question.picture and question.picture.sha256


def _converted(options: argparse.Namespace) -> Path:
    folder = options.out / f"fp32-{digest(options.checkpoint)[:12]}"
    if not folder.exists():
        prumerge("convert", options.checkpoint, folder, "--dtype", "fp32", "-q")
    return folder


def _typescript(options: argparse.Namespace, asked: list[Asked], name: str, model: Path) -> dict[str, dict[str, str]]:
    """Answers by task and id, by `prumerge eval`."""
    tasks = list(dict.fromkeys(question.task for question in asked))
    run = options.out / name
    limit = ["--limit", options.limit] if options.limit else []
    rules = [part for rule in options.rule for part in ("--rule", rule)]
    prumerge(*("eval", *tasks, "--data", options.data, "--model", model, "--method", "none", "--out", run, *limit, *rules))
    # The answers files hold what this command asked; the journal, what earlier ones did, too.
    found: dict[str, dict[str, str]] = {}
    for task in tasks:
        own = [question for question in asked if question.task == task]
        with (run / "answers" / task / "none.jsonl").open() as lines:
            found[task] = {question.id: json.loads(line)["text"] for question, line in zip(own, lines, strict=True)}
    return found


def _pictures(asked: list[Asked]) -> dict[Path, str]:
    return {question.picture.path: question.picture.pixels for question in asked if question.picture}


def _same_pixels(path: Path, expected: str) -> bool:
    return hashlib.sha256(Image.open(path).convert("RGB").tobytes()).hexdigest() == expected


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, default=ROOT / "models/pocket-llava/checkpoint")
    parser.add_argument("--shipped", type=Path, help="model folder that must stay within 1 point of it")
    parser.add_argument("--data", type=Path, default=ROOT / "benchmarks/pocket")
    parser.add_argument("--out", type=Path, required=True, help="the run's folder; an unfinished run goes on")
    parser.add_argument("--tasks", type=lambda text: text.split(","), help="default: all")
    parser.add_argument("--rule", action="append", default=[], help="NAME=VALUE of a task, as in prumerge score")
    parser.add_argument("--limit", type=int, help="about so many questions of each task")
    return parser.parse_args()


if __name__ == "__main__":
    main()
