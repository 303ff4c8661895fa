"""What a journal says of an action. Devices of a class share one action, so it is worded once for all of them."""

from __future__ import annotations

from dataclasses import field

from reconcile.model.actions import Action, SetDesired, to_request, touched
from reconcile.model.late import dataclass
from reconcile.model.values import JsonObject, canonical, short_digest

_KEPT = 256


@dataclass(frozen=True, slots=True)
class Wording:
    """An action's request, its digest, the resources it touches in one line, and what it expects."""

    request: JsonObject
    digest: str
    target: str
    precondition: JsonObject

    @classmethod
    def of(cls, action: Action) -> Wording:
        """The words of an action."""
        request = to_request(action)
        expected: JsonObject = {"versions": dict(action.versions)} if isinstance(action, SetDesired) else {}
        return cls(request, short_digest(canonical(request)), " ".join(touched(action)), expected)


@dataclass(slots=True)
class Wordings:
    """Those of the actions last asked for, by the action itself."""

    _kept: dict[int, tuple[Action, Wording]] = field(default_factory=dict)

    def of(self, action: Action) -> Wording:
        """The words of an action."""
        kept = self._kept.get(id(action))
        if kept is not None:
            return kept[1]
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        wording = Wording.of(action)
        self._kept[id(action)] = (action, wording)  # held, so that its id is nobody else's
        return wording
