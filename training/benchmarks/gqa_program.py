"""The functional program, full answer and types that GQA gives with each question."""

from __future__ import annotations

from dataclasses import dataclass, field

from pocket_world.scene import Print, Scene, Thing
from questions.question import Question
from questions.wording import a

_SIDE = {"left": "to the left of", "right": "to the right of", "above": "above", "below": "below"}
_GLOBAL = {"colour": "color", "background": "background"}


@dataclass(frozen=True)
class Program:
    steps: list[tuple[str, list[int], str]]
    """operation, dependencies, argument"""
    structural: str
    """query, verify, logical, choose, compare"""
    semantic: str
    """obj, attr, cat, rel, global"""
    detailed: str
    full_answer: str
    words: dict[str, str] = field(default_factory=dict)
    """place of a word in the question -> object id"""

    def semantic_list(self) -> list[dict]:
        return [{"operation": op, "dependencies": list(deps), "argument": arg} for op, deps, arg in self.steps]

    def semantic_string(self) -> str:
        parts = []
        for operation, dependencies, argument in self.steps:
            behind = "".join(f" [{place}]" for place in dependencies)
            parts.append(f"{operation}: {argument}{behind}")
        return "->".join(parts)


def object_id(scene: Scene, thing: Thing | Print) -> str:
    return f"{scene.seed % 1_000_000}{thing.id:02d}{'p' if isinstance(thing, Print) else ''}"


def program_of(scene: Scene, question: Question) -> Program:
    """The program of a question of the families that the GQA benchmark asks."""
    made = _MAKERS[question.family](scene, question)
    return Program(**{**vars(made), "words": _word_places(scene, question)})


def _word_places(scene: Scene, question: Question) -> dict[str, str]:
    """Where the things that it hangs on are named."""
    words = question.text.rstrip("?").lower().replace(",", "").split()
    places = {}
    for item in question.shown:
        if isinstance(item, Thing) and item.kind in words:
            places.setdefault(str(words.index(item.kind)), object_id(scene, item))
    return places


def _named(scene: Scene, name: str, question: Question) -> str:
    """The name with its object's id, "-" for what is not there."""
    kind = name.split()[-1]
    found = [item for item in question.shown if isinstance(item, Thing) and item.kind == kind]
    return f"{kind} ({object_id(scene, found[0]) if found else '-'})"


def _existence(scene: Scene, question: Question) -> Program:
    name = question.notes["kind"]
    steps = [("select", [], _named(scene, name, question))]
    if " " in name:
        steps.append(("filter color", [0], name.split()[0]))
    steps.append(("exist", [len(steps) - 1], "?"))
    yes = question.answer == "yes"
    full = f"Yes, there is {a(name)}." if yes else f"No, there is no {name}."
    detailed = "existAttr" if " " in name else "exist"
    return Program(steps, "verify", "attr" if " " in name else "obj", detailed + ("C" if yes is False else ""), full)


def _logic(scene: Scene, question: Question) -> Program:
    yes = question.answer == "yes"
    word = "Yes" if yes else "No"
    if "category" in question.notes:
        category = question.notes["category"]
        steps = [("select", [], f"{category} (-)"), ("exist", [0], "?")]
        return Program(
            steps, "verify", "cat", "existCat", f"{word}, there is {'a' if yes else 'no'} thing of that kind."
        )
    kinds = question.notes["kinds"]
    both = "both" in question.text
    steps = [
        ("select", [], _named(scene, kinds[0], question)),
        ("exist", [0], "?"),
        ("select", [], _named(scene, kinds[1], question)),
        ("exist", [2], "?"),
        ("and" if both else "or", [1, 3], ""),
    ]
    full = (
        f"{word}, {'both' if both else 'at least one'} of them {'are' if both else 'is'} {'' if yes else 'not '}there."
    )
    return Program(steps, "logical", "obj", "existAnd" if both else "existOr", full)


def _relation(scene: Scene, question: Question) -> Program:
    notes = question.notes
    subject = notes["subject"]
    steps = [("select", [], _named(scene, notes.get("object", subject), question))]
    if "object" not in notes:
        steps.append(("query", [0], "position"))
        return Program(steps, "query", "attr", "place", f"The {subject} is at the {question.answer}.")
    side = _SIDE[notes["side"]]
    if question.answer in ("yes", "no"):
        steps.append(("relate", [0], f"{subject},{side},s ({_id_in(_named(scene, subject, question))})"))
        steps.append(("exist", [1], "?"))
        yes = question.answer == "yes"
        full = f"{'Yes' if yes else 'No'}, the {subject} is {'' if yes else 'not '}{side} the {notes['object']}."
        return Program(steps, "verify", "rel", "relVerify" if yes else "relVerifyC", full)
    options = "to the left of|to the right of" if question.answer in ("left", "right") else "above|below"
    steps.append(("choose rel", [0], f"{subject},{options},s ({_id_in(_named(scene, subject, question))})"))
    full = f"The {subject} is {_SIDE[question.answer]} the {notes['object']}."
    return Program(steps, "choose", "rel", "relChooser", full)


def _what(scene: Scene, question: Question) -> Program:
    notes, thing = question.notes, question.shown[0]
    full = f"The answer is {a(question.answer)}."
    if "anchor" in notes:
        steps = [("select", [], _named(scene, notes["anchor"], question))]
        steps.append(("relate", [0], f"_,{_SIDE[notes['side']]},s ({object_id(scene, thing)})"))
        steps.append(("query", [1], "name"))
        return Program(steps, "query", "rel", "relS", full)
    if "colour" in notes:
        steps = [("select", [], f"shape ({object_id(scene, thing)})"), ("filter color", [0], notes["colour"])]
        return Program([*steps, ("query", [1], "name")], "query", "cat", "categoryAttr", full)
    if "region" in notes:
        steps = [("select", [], "scene"), ("filter position", [0], notes["region"]), ("query", [1], "name")]
        return Program(steps, "query", "obj", "objThat", full)
    category = notes.get("category", "object")
    steps = [("select", [], f"{category} ({object_id(scene, thing)})"), ("query", [0], "name")]
    return Program(steps, "query", "cat", "category", full)


def _colour(scene: Scene, question: Question) -> Program:
    subject = question.notes["subject"]
    found = question.shown[0] if question.shown else None
    name = f"{subject} ({object_id(scene, found)})" if found else subject
    steps = [("select", [], name), ("query", [0], "color")]
    return Program(steps, "query", "attr", "directOf", f"The {subject} is {question.answer}.")


def _comparison(scene: Scene, question: Question) -> Program:
    notes = question.notes
    subject, other = notes["subject"], notes["object"]
    steps = [("select", [], _named(scene, subject, question)), ("select", [], _named(scene, other, question))]
    binary = question.answer in ("yes", "no")
    operation = {
        "size": "verify larger" if binary else "choose larger",
        "number": "verify more",
        "colour": "same color",
    }
    steps.append((operation[notes["compare"]], [0, 1], "?"))
    full = f"{question.answer.capitalize()}." if binary else f"It is the {question.answer}."
    return Program(steps, "compare", "attr", "compareAttr", full)


def _background(scene: Scene, question: Question) -> Program:
    full = f"It is {question.answer}." if question.answer not in ("yes", "no") else f"{question.answer.capitalize()}."
    if question.answer in ("yes", "no"):
        steps = [("select", [], "scene"), ("verify background", [0], question.notes["pattern"])]
        return Program(steps, "verify", "global", "verifyGlobal", full)
    steps = [("select", [], "scene"), ("choose background", [0], "plain|striped|checkered|dotted")]
    return Program(steps, "choose", "global", "chooseGlobal", full)


def _id_in(named: str) -> str:
    return named.split("(")[1].rstrip(")")


_MAKERS = {
    "existence": _existence,
    "logic": _logic,
    "relation": _relation,
    "what": _what,
    "colour": _colour,
    "comparison": _comparison,
    "background": _background,
}


def global_group(question: Question) -> str | None:
    """GQA's group of questions with the same kind of answer."""
    if question.answer in ("yes", "no"):
        return None
    return _GLOBAL.get(question.family) or {"what": "thing", "relation": "place"}.get(question.family)
