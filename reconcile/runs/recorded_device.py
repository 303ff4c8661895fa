"""Recorded devices as somebody names them: one, those of a selection, or all."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from reconcile.model.device import DeviceRef
from reconcile.model.diagnostic import Diagnostic
from reconcile.model.recorded import RecordedDevice
from reconcile.model.values import JsonObject
from reconcile.runs import wiring
from reconcile.runs.session import InputRejectedError, Session


def recorded_ref(session: Session, name: str) -> DeviceRef:
    """A recorded device by `platform/name` or bare name. Raises: InputRejectedError."""
    platform, _, bare = name.rpartition("/")
    refs = [ref for ref in session.store.named(bare) if platform in ("", ref.platform)]
    if len(refs) == 1:
        return refs[0]
    import difflib

    known = {text: str(head.ref) for head in session.store.heads() for text in (str(head.ref), head.ref.name)}
    close = dict.fromkeys(known[text] for text in difflib.get_close_matches(name, known, n=3))
    if refs:
        detail = f"Device {name} is recorded on several platforms: {', '.join(map(str, refs))}. Write platform/name."
    else:
        hint = f"Did you mean {', '.join(close)}?" if close else "`reconcile state ls` lists those that are."
        detail = f"Device {name} is not recorded. {hint}"
    raise InputRejectedError([Diagnostic("RCL431", "no such device", detail)])


def exported(session: Session, ref: DeviceRef) -> Iterator[JsonObject]:
    """All that is recorded of a device, as an export has it."""
    for record in session.store.devices([ref]):
        yield wiring.exported_device(record)


def recorded_devices(
    session: Session, ref: DeviceRef | None = None, among: Container[DeviceRef] | None = None
) -> Iterator[RecordedDevice]:
    """Recorded devices in order, or just one, or those of a selection."""
    heads = (head.ref for head in session.store.heads())
    refs: Iterable[DeviceRef] = heads if ref is None else [ref]
    return session.store.devices(refs if among is None else (one for one in refs if one in among))
