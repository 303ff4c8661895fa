"""Recorded state as it stands when everything was applied and confirmed, without a million requests to get there.

Every declared device gets the record that an apply leaves: its document's digest, each resource accepted and confirmed.
Run: `python -m benchmarks.settled MANIFESTS STATE`, with the keys in the environment.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from reconcile.model.fleet import DesiredDevice
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource
from reconcile.ports import Commit
from reconcile.runs.session import Options, Session

AT = datetime(2026, 1, 1, tzinfo=UTC)
_AT_ONCE = 10_000

Resources: TypeAlias = dict[str, RecordedResource]


def settle(session: Session) -> int:
    """Records all devices of the fleet; returns how many."""
    devices = session.devices()
    known: dict[tuple[int, bool], Resources] = {}
    for start in range(0, len(devices), _AT_ONCE):
        records = [_record(one, session, known) for one in devices[start : start + _AT_ONCE]]
        session.store.commit(Commit(devices=records), fences={})
    return len(devices)


def _record(desired: DesiredDevice, session: Session, known: dict[tuple[int, bool], Resources]) -> RecordedDevice:
    has_copy = session.capabilities(desired.device.ref.platform, desired.device.identity).has_cloud_copy
    key = (id(desired.document), has_copy)  # the fleet holds its documents
    if key not in known:
        known[key] = _resources(desired, has_copy=has_copy)
    resources = known[key]
    return RecordedDevice(desired.device.ref, desired.device.identity, desired.document.digest, resources, looked_at=AT)


def _resources(desired: DesiredDevice, *, has_copy: bool) -> Resources:
    return {
        one.path: RecordedResource(
            one.path,
            one.value,
            one.value_type,
            DeliveryState.ACCEPTED if has_copy else DeliveryState.CONFIRMED,
            AT,
            version=1 if has_copy else None,
            confirmed=one.value,
            confirmed_at=AT,
            confirmed_by="report" if has_copy else "answer",
        )
        for one in desired.document.resources
    }


if __name__ == "__main__":
    manifests, state = sys.argv[1:]
    with Session.open(Options(Path(manifests), state, {}, dict(os.environ)), creates_state=True) as opened:
        print(settle(opened))
