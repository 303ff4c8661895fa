"""All devices of a plan as one compact JSON text inside the page, written piece by piece.

Premise: a page of 100,000 rows is laid out by no browser in good time, and a name may say `</script>`.
Rule: devices of which everything is the same are one group with many names; every name went through the sanitiser, and
no `<`, `>` or `&` is left in the text. The script shows it by `textContent` alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import field

from reconcile.model.device import DeviceRef
from reconcile.model.late import dataclass
from reconcile.model.plan import Plan
from reconcile.model.values import Json
from reconcile.report import outline
from reconcile.report.html.both import BOTH, TAGS
from reconcile.report.html.sections import NOTICES
from reconcile.report.html.standing import LEFT, NOTED, SENT, way_of
from reconcile.report.sanitise import inert

_AT_ONCE = 2000
_NAME = 200
STATES = tuple(dict.fromkeys((*SENT, *NOTED, *LEFT, "settled")))
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(slots=True)
class _Group:
    """`notes`: kinds of notices that name these devices, each with the number of its entry, or -1 beyond the last."""

    platform: str
    number: int
    state: str
    wave: int
    requests: int
    notes: tuple[tuple[str, int], ...]
    names: list[str] = field(default_factory=list)


def island(plan: Plan, lang: str) -> Iterator[str]:
    """The JSON text in pieces: words, classes, groups."""
    classes = [inert(group.id, 40) for group in plan.classes]
    words = {
        TAGS[texts.lang]: {name: texts.catalogue[name] for name in texts.catalogue if name.startswith(_SPOKEN)}
        for texts in BOTH
    }
    titles = {TAGS[texts.lang]: outline.verdict(plan, texts).sentence for texts in BOTH}
    head = {"lang": TAGS[lang], "titles": titles, "words": words, "classes": classes}
    yield _inert(head)[:-1] + ',"groups":['
    comma = ""
    for group in _groups(plan):
        notes: list[Json] = [[kind, number] for kind, number in group.notes]
        body: list[Json] = [inert(group.platform, _NAME), group.number, group.state, group.wave, group.requests, notes]
        yield f"{comma}\n{_inert(body)[:-1]},["
        for start in range(0, len(group.names), _AT_ONCE):
            names = [inert(name, _NAME) for name in group.names[start : start + _AT_ONCE]]
            yield ("," if start else "") + _inert(names)[1:-1]
        yield "]]"
        comma = ","
    yield "]}"


_SPOKEN = ("js.", "standing.settled", *(f"standing.{state}" for state in STATES))


def _groups(plan: Plan) -> Iterator[_Group]:
    numbers = {group.id: number for number, group in enumerate(plan.classes)}
    noted = _noted(plan)
    groups: dict[tuple[object, ...], _Group] = {}
    for device in plan.devices:
        notes = tuple(noted.pop(device.ref, ()))
        wave = device.rollout.wave if device.rollout is not None else 0
        state = way_of(device) if device.class_id else _first(notes)
        number, requests = numbers.get(device.class_id, -1), len(device.steps)
        name = (device.ref.platform, number, state, wave, requests, notes)
        if name not in groups:
            groups[name] = _Group(*name)
        groups[name].names.append(device.ref.name)
    for ref, found in noted.items():
        rest = (ref.platform, -1, _first(tuple(found)), 0, 0, tuple(found))
        if rest not in groups:
            groups[rest] = _Group(*rest)
        groups[rest].names.append(ref.name)
    yield from groups.values()


def _first(notes: tuple[tuple[str, int], ...]) -> str:
    return notes[0][0] if notes else "record"


def _noted(plan: Plan) -> dict[DeviceRef, list[tuple[str, int]]]:
    """The kinds of notices of each device that has any, the most urgent first, each with the number of its entry."""
    found: dict[DeviceRef, list[tuple[str, int]]] = {}
    for kind, notices in outline.notices_of(plan):
        for notice, number in zip(notices, outline.numbered(notices), strict=True):
            entry = (kind, number if number < NOTICES else -1)
            kept = found.setdefault(notice.device, [])
            if entry not in kept:
                kept.append(entry)
    return found


def _inert(value: object) -> str:
    return _ENCODER.encode(value).translate(_ESCAPES)
