"""Numbers of command lines. What is out of range is refused by name before any work is done."""

from __future__ import annotations

import math
from argparse import ArgumentTypeError
from collections.abc import Callable


def whole(least: int, below: int | None = None) -> Callable[[str], int]:
    """A type for argparse: whole numbers of at least `least`, and less than `below`."""
    expected = f"a whole number of at least {least}" + ("" if below is None else f" and below {below}")

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise _refused(expected, text) from None
        if value < least or (below is not None and value >= below):
            raise _refused(expected, text)
        return value

    return read


def number(expected: str, fits: Callable[[float], bool]) -> Callable[[str], float]:
    """A type for argparse: finite numbers that fit; `expected` says which these are, as in `a number above 0`."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise _refused(expected, text) from None
        if not (math.isfinite(value) and fits(value)):
            raise _refused(expected, text)
        return value

    return read


above_zero = number("a number above 0", lambda value: value > 0)
at_least_zero = number("a number of at least 0", lambda value: value >= 0)
share = number("a number from 0 to 1", lambda value: 0 <= value <= 1)
share_below_one = number("a number of at least 0 and below 1", lambda value: 0 <= value < 1)


def _refused(expected: str, text: str) -> ArgumentTypeError:
    return ArgumentTypeError(f"expected {expected}, found {text}")
