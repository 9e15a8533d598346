"""What makes a multiple-choice question a school problem: subject, topic, category, skill, lecture and solution."""

from __future__ import annotations

from pocket_world.dice import Dice
from pocket_world.kinds import by_name, of_category
from questions.choice import LETTERS
from questions.question import Question

LESSONS: dict[str, dict[str, str]] = {
    "shown": {
        "subject": "natural science",
        "topic": "science-and-engineering-practices",
        "category": "Observing",
        "skill": "Identify what a picture shows",
        "lecture": "To observe is to look closely. Look at every part of a picture before you say what it shows.",
    },
    "colour": {
        "subject": "natural science",
        "topic": "physics",
        "category": "Light and color",
        "skill": "Identify colors",
        "lecture": "Things have the color of the light that they send back.",
    },
    "number": {
        "subject": "natural science",
        "topic": "units-and-measurement",
        "category": "Counting",
        "skill": "Count things",
        "lecture": "To count, point to each thing once and say the next number.",
    },
    "place": {
        "subject": "social science",
        "topic": "geography",
        "category": "Reading maps",
        "skill": "Describe a place on a map",
        "lecture": "A map is read like a page: it has a top, a bottom, a left and a right side.",
    },
    "printed": {
        "subject": "language science",
        "topic": "reading-comprehension",
        "category": "Signs",
        "skill": "Read a sign",
        "lecture": "A sign says something in few words.",
    },
    "extreme": {
        "subject": "social science",
        "topic": "geography",
        "category": "Reading maps",
        "skill": "Compare places on a map",
        "lecture": "To compare two places, see which one is farther to a side.",
    },
    "largest": {
        "subject": "natural science",
        "topic": "units-and-measurement",
        "category": "Size",
        "skill": "Compare sizes",
        "lecture": "To compare sizes, see which thing covers more of the picture.",
    },
}
_KNOWLEDGE = {
    "subject": "natural science",
    "topic": "biology",
    "category": "Classification",
    "skill": "Classify things",
    "lecture": "Things that have much in common form a class.",
}
_CLASSES = {"animal": "an animal", "food": "something to eat", "vehicle": "a vehicle", "shape": "a shape"}


def problem(question: Question, hint: str, grade: str, image: str | None) -> dict:
    """An entry of problems.json."""
    notes = question.notes
    lesson = LESSONS.get(notes["sort"], _KNOWLEDGE)
    return {
        "question": notes["question"],
        "choices": notes["options"],
        "answer": LETTERS.index(question.answer),
        "hint": hint,
        "image": image,
        "task": "closed choice",
        "grade": grade,
        **{key: lesson[key] for key in ("subject", "topic", "category", "skill", "lecture")},
        "solution": f"The right choice is {notes['right']}.",
        "split": "test",
    }


def knowledge_question(options: int, dice: Dice) -> Question:
    """A problem without a picture: which of these belongs to a class?"""
    wanted = dice.pick(tuple(_CLASSES))
    right = dice.pick(of_category(wanted))
    others = [
        name for name, kind in by_name().items() if kind.category not in (wanted, "object" if wanted == "shape" else "")
    ]
    wrong = dice.sample(others, options - 1)
    text = f"Which of these is {_CLASSES[wanted]}?"
    choices = dice.shuffled([right, *wrong])
    answer = LETTERS[choices.index(right)]
    listed = "".join(f"\n{letter}. {choice}" for letter, choice in zip(LETTERS, choices, strict=False))
    notes = {"question": text, "options": choices, "sort": "knowledge", "right": right}
    return Question("choice", text + listed, answer, (), (), "choice knowledge", notes=notes)
