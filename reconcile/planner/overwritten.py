"""Whose value a write would replace: where a cloud keeps a desired copy, only the device's report tells.

Premise: somebody at the device sets another value after we wrote; the cloud's copy still says ours, so the copy alone
makes the next write look harmless. Rule: before a recorded value is replaced by another one, the report is read.
"""

from __future__ import annotations

from reconcile.model.desired import DesiredDocument, Ownership
from reconcile.model.recorded import RecordedDevice
from reconcile.model.values import same


def overwrites(document: DesiredDocument, record: RecordedDevice | None) -> bool:
    """Whether the manifests want another value than the one recorded, of anything they enforce."""
    known = {} if record is None else record.timeless
    return any(
        wanted.ownership is Ownership.ENFORCE
        and (before := known.get(wanted.path)) is not None
        and not same(wanted.value, before.value)
        for wanted in document.resources
    )
