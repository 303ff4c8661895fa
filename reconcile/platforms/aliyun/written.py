"""A set as it goes out. Devices of a class share one action, so what is the same for all of them is written once.

Rule: a set that holds a secret is resolved and written anew for each device.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from reconcile.model.actions import SetDesired
from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject, is_secret
from reconcile.platforms.aliyun import wire
from reconcile.ports import Secrets

_KEPT = 256


@dataclass(frozen=True, slots=True)
class Written:
    """Items and versions by path, secrets in place, and both as parameters of the call.

    `is_open` is false when a secret is among them: then no vendor text is repeated.
    """

    items: JsonObject = field(repr=False)
    versions: Mapping[str, int]
    payload: Mapping[str, str] = field(repr=False)
    is_open: bool


class WrittenSets:
    """What sets look like on the wire, the open ones kept by the action itself."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._kept: dict[int, tuple[SetDesired, Written]] = {}

    def of(self, action: SetDesired) -> Written:
        """The set. Raises: ValueError for what the call's page forbids."""
        kept = self._kept.get(id(action))
        if kept is not None:
            return kept[1]
        planned = wire.items_of(action)
        items = {path: _revealed(value, self._secrets) for path, value in planned.items()}
        is_open = not any(map(is_secret, planned.values()))
        written = Written(items, dict(action.versions), wire.set_payload(items, action.versions), is_open)
        if is_open:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[id(action)] = (action, written)  # held, so that its id is nobody else's
        return written


def _revealed(value: Json, secrets: Secrets) -> Json:
    """The value with its secret in place of the marker."""
    return secrets.resolve(value) if isinstance(value, dict) and is_secret(value) else value
