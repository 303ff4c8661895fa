"""Resources that were written back again and again: how often, when, over which values, and whether they rest now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TypeAlias

from reconcile.model.device import DeviceRef
from reconcile.model.drift import DriftHistory, DriftNote, FlapRule, rests_until
from reconcile.model.values import JsonObject
from reconcile.report.sanitise import inert
from reconcile.report.style import table
from reconcile.report.values import show
from reconcile.report.view import View, moment

Fight: TypeAlias = tuple[DeviceRef, str, DriftHistory]
_SHOWN = 50


def fight_lines(fights: Iterable[Fight], rule: FlapRule, view: View, now: datetime) -> Iterator[str]:
    """A section with those at rest first, then the longest rows; nothing when there are none."""
    listed = sorted(fights, key=lambda one: (_until(one, rule, now) is None, -one[2].streak, one[0], one[1]))
    if not listed:
        return
    yield from view.title(view.texts("fights.title"))
    for fight in listed[:_SHOWN]:
        ref, path, history = fight
        yield from table([[inert(str(ref)), inert(path), show(history.value, view.texts)]], view.width, indent="  ")
        until = _until(fight, rule, now)
        facts = [view.texts("fights.streak", n=history.streak)]
        if until is not None:
            facts.append(view.paint("warning", view.texts("fights.until", at=moment(until))))
        facts += [f"{moment(one.at)} {show(one.seen, view.texts)}" for one in history.rounds]
        yield from view.flow(facts, "      ")
    if len(listed) > _SHOWN:
        yield from view.wrap(view.texts("plan.more_notices", n=len(listed) - _SHOWN), "  ")


def fight_json(fight: Fight, rule: FlapRule, now: datetime) -> JsonObject:
    """An entry of `drift` of a status."""
    ref, path, history = fight
    until = _until(fight, rule, now)
    note = DriftNote("revert" if until is None else "quarantine", rounds=history.rounds, until=until)
    return {"device": str(ref), "resource": path, "value": history.value, "streak": history.streak} | note.to_json()


def _until(fight: Fight, rule: FlapRule, now: datetime) -> datetime | None:
    history = fight[2]
    return rests_until(history, history.value, now, rule)
