"""What platforms say of kinds of devices, asked once in a plan: devices that are alike share the very answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from reconcile.model.desired import DesiredDocument
from reconcile.model.fleet import DesiredDevice
from reconcile.model.values import Known
from reconcile.ports import Capabilities
from reconcile.runs.session import Session

Same: TypeAlias = Callable[[str, Known, Known], bool]


class Kinds:
    """Answers by platform and by the model that a device goes by."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._dialects = {name: session.dialect(name) for name in session.fleet.platforms}
        self._known: dict[tuple[str, str], tuple[Capabilities, Same]] = {}
        self._queues: dict[tuple[str, str, int], tuple[bool, DesiredDocument]] = {}

    def of(self, desired: DesiredDevice) -> tuple[Capabilities, Same, bool]:
        """What the platform can do for a device, equality of values on it, and whether commands may be queued."""
        ref, identity, document = desired.device.ref, desired.device.identity, desired.document
        key = ref.platform, self._dialects[ref.platform].model_key(identity)
        if key not in self._known:
            self._known[key] = (
                self.session.capabilities(ref.platform, identity),
                self.session.same_for(ref.platform, identity),
            )
        which = (*key, id(document))
        if which not in self._queues:
            self._queues[which] = (self.session.may_queue(desired), document)  # kept, so that the number stays its own
        return *self._known[key], self._queues[which][0]
