"""Looks for a schedule that catches a mutant: first the one that is known to, then one seed after the other."""

import contextlib
import json
from pathlib import Path

from .play import play
from .schedule import throw

BUDGET = 400
"""Schedules from seed 0: the most a mutant may live."""


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


def hunt(mutant, seeds=range(BUDGET)):
    """(seed of the schedule that caught it, what it broke); None when it survived them all."""
    with broken(mutant):
        for seed in seeds:
            try:
                play(throw(seed))
            except Exception as exc:  # noqa: BLE001  # a program that falls over is caught as well
                return seed, f"{type(exc).__name__}: {exc}"
    return None


def known_first(mutant):
    """The seeds to try: the one noted in `caught_by.json`, then all."""
    noted = json.loads((Path(__file__).parent / "caught_by.json").read_text(encoding="utf-8"))
    return (*filter(lambda seed: seed is not None, [noted.get(mutant.__name__)]), *range(BUDGET))
