"""The kinds of schedules, each with dice of its own, and how they are mixed."""

from . import herding, ordered, schedule, wide

KINDS = {"seed": schedule.throw, "wide": wide.throw, "herd": herding.throw, "ordered": ordered.throw}
_OF_32 = {**dict.fromkeys(range(3, 32, 8), "wide"), **dict.fromkeys(range(7, 32, 8), "herd"), 30: "ordered"}


def mixed(seed):
    """The schedule of a seed, of the kind whose turn it is: of 32 four are wide, four of herds, one is ordered."""
    return KINDS[_OF_32.get(seed % 32, "seed")](seed)
