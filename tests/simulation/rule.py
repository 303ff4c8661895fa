"""The rule of a rollout as plain words of a schedule: what the program is told, and the same reckoned apart from it.

Words: `waves` (numbers, and percentages as text), `cover` (labels), `advance` (percent), `abort` ([percent, minimum]),
`windows` ([begin, end] in minutes of the day, UTC+8), `order` (whether rings come in order).
"""

from datetime import timedelta, timezone
from fractions import Fraction

from virtual_time.fleet import NOON

from reconcile.model.rollout import Rollout, Wave, Window
from reconcile.model.values import canonical, short_digest

from .herd import RINGS

ZONE = timezone(timedelta(hours=8))
_DAY_S = 86_400
_MIDNIGHT = NOON.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)


def rollout_of(profile, words, wanted):
    """What the program reads in the profile."""
    waves = [Wave(cover=tuple(words["cover"]))] if words.get("cover") else []
    waves += [_wave(size) for size in words["waves"]]
    failed, minimum = words.get("abort") or (None, 1)
    return Rollout(
        profile,
        short_digest(canonical([profile, words, wanted])),
        tuple(waves),
        confirmed_percent=float(words.get("advance", 100)),
        failed_percent=failed,
        minimum=minimum,
        order=("ring", RINGS) if words.get("order") else ("", ()),
        windows=tuple(Window(begin, end) for begin, end in words.get("windows", ())),
        zone=ZONE,
    )


def _wave(size):
    return Wave(percent=float(size.rstrip("%"))) if isinstance(size, str) else Wave(count=size)


def sizes(words, total, combinations):
    """How many devices may be told once each wave is sent, of `total`; canaries stand for so many combinations."""
    found = [combinations] if words.get("cover") else []
    for size in words["waves"]:
        # A percentage is rounded up.
        count = -(-Fraction(size.rstrip("%")) * total // 100) if isinstance(size, str) else size
        found.append(max([int(count), *found[-1:]]))
    found[-1] = max(total, found[-1])
    return found


def may_stop(words, failed, sent):
    """Whether so many failures of so many devices stop it for certain."""
    if not words.get("abort"):
        return False
    percent, minimum = words["abort"]
    return failed > minimum and 100 * failed > percent * sent


def was_open(words, first, last):
    """Whether a window was open at any moment from one time to another."""
    if not words.get("windows"):
        return True
    first, last = sorted((moment - _MIDNIGHT).total_seconds() for moment in (first, last))
    return any(_until_open_s(begin, end, first) <= last - first for begin, end in words["windows"])


def until_open_s(words, moment):
    """Seconds until a window is open; 0 in one, and without any."""
    at_s = (moment - _MIDNIGHT).total_seconds()
    return min((_until_open_s(begin, end, at_s) for begin, end in words.get("windows") or ()), default=0)


def _until_open_s(begin, end, at_s):
    since_s = (at_s - begin * 60) % _DAY_S
    lasts_s = (end - begin) % 1440 * 60
    return 0 if since_s < lasts_s else _DAY_S - since_s
