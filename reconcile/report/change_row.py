"""One change for people, whatever a report is written in: mark, path, name, values side by side, reason."""

from __future__ import annotations

from collections.abc import Iterable

from reconcile.model.late import dataclass
from reconcile.model.plan import Change, ChangeClass
from reconcile.model.values import ABSENT, same
from reconcile.report.messages import Texts
from reconcile.report.sanitise import inert
from reconcile.report.values import LIMIT, differences, show_change

SYMBOLS = {"create": "+", "update": "~", "clear": "-", "release": "x", "adopt": "=", "run": "!"}
USUAL = "manifest"
"""The planner's reason for most changes: the manifests say another value than what is recorded."""


@dataclass(frozen=True, slots=True)
class Row:
    """One change for people. `inside` lists what differs within a structured value: place, before, after.

    `is_usual`: the reason is that of most changes, so a report may say it once for all.
    """

    symbol: str
    path: str
    name: str
    values: str
    reason: str
    inside: tuple[str, ...] = ()
    is_usual: bool = False

    @property
    def resource(self) -> str:
        """The path with the name that the device's model has for it."""
        return f"{self.path} ({self.name})" if self.name else self.path


def row(change: Change, texts: Texts, limit: int = LIMIT) -> Row:
    """A change with its values side by side, each of at most `limit` characters."""
    inside = tuple(
        f"{place}  {left} → {right}" if left or right else place
        for place, left, right in differences(change.before, change.after, texts)
    )
    symbol = SYMBOLS.get(change.action, "?")
    values = "" if inside else _values(change, texts, limit)
    name = inert(change.name or "")
    is_usual = change.reason == USUAL
    return Row(symbol, inert(change.resource), name, values, texts.reason(change.reason), inside, is_usual)


def _values(change: Change, texts: Texts, limit: int) -> str:
    before, after = show_change(change.before, change.after, texts, limit)
    match change.action:
        case "clear":
            return f"{before} → {texts('value.cleared')}"
        case "release":
            return f"{before} → {texts('value.unmanaged')}"
        case "adopt" if same(change.before, change.after):
            return after
        case "run" if change.after is ABSENT:
            return texts("value.withdrawn")
        case "run":
            return "" if change.after is None else after
        case _:
            return f"{before} → {after}"


def legend(classes: Iterable[ChangeClass], texts: Texts) -> list[str]:
    """What the marks mean that these classes use, and what it means where a text report gives no reason."""
    changes = [change for group in classes for change in group.changes]
    used = {change.action for change in changes}
    said = [f"{mark} {texts(f'action.{action}')}" for action, mark in SYMBOLS.items() if action in used]
    return [*said, texts("plan.usual")] if any(change.reason == USUAL for change in changes) else said
