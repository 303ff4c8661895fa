"""Looks for a schedule that catches a mutant: first the one that is known to, then one seed after the other."""

import contextlib
import json
from pathlib import Path

from .kinds import KINDS
from .mutants import breadth, herding, ordering
from .play import play
from .schedule import read_line

_HERE = Path(__file__).parent

_HUNTED_WITH = {breadth.__name__: "wide", herding.__name__: "herd", ordering.__name__: "ordered"}

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


def by_seed(mutant):
    """The schedules a mutant is hunted with, by name."""
    kind = _HUNTED_WITH.get(mutant.__module__, "seed")
    return ((f"{kind} {seed}", KINDS[kind](seed)) for seed in range(BUDGET))


def known_first(mutant):
    """The schedule noted in `caught_by.json` (a seed, its kind and a seed, or a file of the corpus), then all."""
    noted = json.loads((_HERE / "caught_by.json").read_text(encoding="utf-8")).get(mutant.__name__)
    kind, _, seed = noted.partition(" ") if isinstance(noted, str) else ("", "", "")
    if kind in KINDS and seed:
        yield noted, KINDS[kind](int(seed))
    elif isinstance(noted, str):
        yield noted, read_line((_HERE / "corpus" / f"{noted}.json").read_text(encoding="utf-8"))
    elif noted is not None:
        yield f"seed {noted}", KINDS["seed"](noted)
    yield from by_seed(mutant)


def hunt(mutant, schedules):
    """(name of the schedule that caught it, what it broke); None when it survived them all."""
    with broken(mutant):
        for name, schedule in schedules:
            try:
                play(schedule)
            except AssertionError as exc:
                return name, f"{type(exc).__name__}: {exc}"
            except Exception:  # noqa: BLE001  # one that falls over breaks no rule: it may not fit the program any more
                continue
    return None
