"""Answers worked out anew from a scene's description and a question's words, not by the code that asks."""

import re

from pocket_world.kinds import by_name

SINGULAR = {kind.plural: name for name, kind in by_name().items()} | {name: name for name in by_name()}
NAME = r"(?:(\w+) )?(\w+)"
EDIBLE = {"animal": "animal", "food": "food", "vehicle": "vehicle", "geometric shape": "shape", "shape": "shape"}


def things_called(scene, name):
    """All things of "dog", "dogs" or "red circles"."""
    *colour, kind = name.split()
    return [
        thing for thing in scene.things if thing.kind == SINGULAR[kind] and (not colour or thing.colour == colour[0])
    ]


def middle(thing):
    x, y, width, height = thing.box
    return x + width / 2, y + height / 2


def yes(truth):
    return "yes" if truth else "no"


def without_article(name):
    return re.sub(r"^(a|an|the) ", "", name)


def existence(scene, text):
    found = re.search(r"(?:Is there|Do you see) (.*?)(?: in (?:the|this) (?:image|picture))?\?", text)
    return yes(things_called(scene, without_article(found[1])))


def side(scene, text):
    found = re.match(r"Is the (.*?) (?:to the |on the )?(left|right|above|below)(?: side of| of)? the (.*?)\?", text)
    (one,), (other,) = things_called(scene, found[1]), things_called(scene, found[3])
    (x, y), (u, v) = middle(one), middle(other)
    return yes({"left": x < u, "right": x > u, "above": y < v, "below": y > v}[found[2]])


def either_side(scene, text):
    found = re.match(r"Is the (.*?) (?:to the left or to the right of|above or below) the (.*?)\?", text)
    (one,), (other,) = things_called(scene, found[1]), things_called(scene, found[2])
    (x, y), (u, v) = middle(one), middle(other)
    return ("left" if x < u else "right") if "left" in text else ("above" if y < v else "below")


def where(scene, text):
    (thing,) = things_called(scene, re.search(r"the (?:image is the )?([\w ]+?)(?: in the image)?\?", text)[1])
    x, y = (part / 336 for part in middle(thing))
    column = "left" if x < 1 / 3 else "right" if x > 2 / 3 else ""
    row = "top" if y < 1 / 3 else "bottom" if y > 2 / 3 else ""
    return f"{row} {column}".strip() or "center"


def count(scene, text):
    name = re.match(r"How many (.*?) (?:are|do)", text)[1]
    if name == "objects":
        return str(len(scene.things))
    categories = {"animals": "animal", "food items": "food", "vehicles": "vehicle", "shapes": "shape"}
    if name in categories:
        return str(sum(by_name()[thing.kind].category == categories[name] for thing in scene.things))
    return str(len(things_called(scene, name)))


def colour(scene, text):
    name = re.search(r"color (?:is|of) the (.*?)\?", text.replace("is the color of", "color of"))[1]
    if name == "background":
        return scene.background.colour
    if name == "sign":
        (print_,) = [print_ for print_ in scene.prints if print_.plate]
        return print_.plate
    if name in ("word", "number", "text"):
        (print_,) = [p for p in scene.prints if p.sort == {"text": "letters"}.get(name, name)]
        return print_.colour
    (thing,) = things_called(scene, name)
    return thing.colour


def comparison(scene, text):
    if found := re.match(r"Are there (more|fewer) (.*?) than (.*?)\?", text):
        one, other = (len(things_called(scene, found[place])) for place in (2, 3))
        return yes(one > other if found[1] == "more" else one < other)
    if found := re.match(r"Do the (.*?) and the (.*?) have the same color\?", text):
        (one,), (other,) = (things_called(scene, found[place]) for place in (1, 2))
        return yes(one.colour == other.colour)
    found = re.match(r"(?:Is|Which is) (?:the (.*?) )?(bigger|smaller)(?:,| than) the (.*?)(?: or the (.*?))?\?", text)
    names = (found[1] or found[3], found[4] or found[3])
    (one,), (other,) = (things_called(scene, name) for name in names)
    first = (max(one.box[2:]) > max(other.box[2:])) == (found[2] == "bigger")
    return yes(first) if text.startswith("Is") else names[0 if first else 1]


def paired(scene, text):
    text = text.removesuffix(" Please answer yes or no.")
    if found := re.match(r"Are there (\d) (.*?) in this image\?", text):
        return yes(len(things_called(scene, found[2])) == int(found[1]))
    if found := re.match(r'Is the (word|number) in the image "(\w+)"\?', text):
        return yes(any(print_.sort == found[1] and print_.string == found[2] for print_ in scene.prints))
    if found := re.match(r"Does this image show a (\w+) background\?", text):
        return yes(scene.background.pattern == found[1])
    categories = {
        "an animal": "animal",
        "something to eat": "food",
        "a vehicle": "vehicle",
        "a geometric shape": "shape",
    }
    if (found := re.match(r"Is there (.*?) in this image\?", text)) and found[1] in categories:
        return yes(any(thing.category == categories[found[1]] for thing in scene.things))
    if re.search(r"left|right|above|below", text):
        return side(scene, text)
    if found := re.match(r"Is the (\w+) (\w+)\?", text):
        shown = scene.background.colour if found[1] == "background" else things_called(scene, found[1])[0].colour
        return yes(shown == found[2])
    return existence(scene, text)


def right_options(scene, text):
    """All options that are true, of a multiple-choice question."""
    stem, *lines = text.split("\n")
    options = [line[3:] for line in lines]
    if stem.startswith("Which of these is in") or stem.startswith("Which of these is shown"):
        return [option for option in options if things_called(scene, option)]
    if stem.startswith("Which word"):
        return [option for option in options if any(print_.string == option for print_ in scene.prints)]
    if stem.startswith("How many"):
        return [option for option in options if option == count(scene, stem)]
    if stem.startswith("What color"):
        return [option for option in options if option == colour(scene, stem)]
    if stem.startswith("Where"):
        return [option for option in options if option == where(scene, stem)]
    things = {option: things_called(scene, option)[0] for option in options if option != "All of the above"}
    if "biggest" in stem:
        return [max(things, key=lambda option: max(things[option].box[2:]))]
    axis, last = {"left": (0, False), "right": (0, True), "top": (1, False), "bottom": (1, True)}[
        stem.rstrip("?").split()[-1]
    ]
    pick = max if last else min
    return [pick(things, key=lambda option: middle(things[option])[axis])]


def answer(scene, family, text):
    """None for what this oracle cannot answer."""
    if family == "relation":
        return (
            where(scene, text)
            if re.match("Where|In which", text)
            else (either_side if " or " in text else side)(scene, text)
        )
    simple = {"existence": existence, "count": count, "colour": colour, "comparison": comparison, "paired": paired}
    return simple[family](scene, text) if family in simple else None
