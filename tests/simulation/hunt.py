"""Looks for the first schedule that catches a mutant."""

import contextlib

from .play import play
from .schedule import throw

BUDGET = 400
"""Schedules: the most a mutant may live."""


@contextlib.contextmanager
def broken(mutant):
    """The program with that fault, for as long as the block lasts."""
    kept = []

    def patch(place, name, stand_in):
        kept.append((place, name, place.__dict__[name]))
        setattr(place, name, stand_in)

    try:
        mutant(patch)
        yield
    finally:
        for place, name, original in reversed(kept):
            setattr(place, name, original)


def hunt(mutant, budget=BUDGET, first=0):
    """(number of the schedule that caught it from 1, what it broke); None when it survived."""
    with broken(mutant):
        for number in range(budget):
            try:
                play(throw(first + number))
            except Exception as exc:  # noqa: BLE001  # a program that falls over is caught as well
                return number + 1, f"{type(exc).__name__}: {exc}"
    return None
