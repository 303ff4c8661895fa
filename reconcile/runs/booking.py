"""What looks cost at most, booked one after the other: a call that tells of many devices is booked once for them."""

from __future__ import annotations

from collections import Counter

from reconcile.ports import Examinable, Examiner, SharesPresence
from reconcile.runs import wiring
from reconcile.runs.look import Target
from reconcile.runs.session import Session

_CALLS_OF_AN_UNKNOWN_LOOK = 8
"""Of a platform that does not say."""


class Booking:
    """The looks of one batch. Devices of one product share calls that tell their presence."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._examiners: dict[str, Examiner | None] = {}
        self._present: Counter[tuple[str, str]] = Counter()

    def book(self, target: Target) -> int:
        """The calls that this look adds to those booked before, at most."""
        name = target.ref.platform
        if name not in self._examiners:
            self._examiners[name] = self._examiner(name)
        examiner = self._examiners[name]
        if examiner is None:
            return _CALLS_OF_AN_UNKNOWN_LOOK
        calls = examiner.requests_to_look(target.look)
        if not (target.look.wants_uplink and isinstance(examiner, SharesPresence)):
            return calls
        product = name, self._session.dialect(name).model_key(target.identity)
        self._present[product] += 1
        return calls + (self._present[product] % examiner.devices_a_presence == 1)

    def _examiner(self, name: str) -> Examiner | None:
        config = self._session.fleet.platforms[name]
        platform = wiring.platforms()[config.type]
        endpoint = self._session.options.endpoints.get(name)
        return platform.examiner(config, endpoint) if isinstance(platform, Examinable) else None
