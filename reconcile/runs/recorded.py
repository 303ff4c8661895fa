"""Mending recorded state by hand: a device's record is forgotten, or handed on to the device that took its place.

Nothing here asks or tells a cloud. What of ours waits in a queue is left to the next apply, which withdraws it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reconcile.model.device import DeviceRef, Identity
from reconcile.model.epoch import begun_anew, is_over, runs_that_stay
from reconcile.model.errors import StateError
from reconcile.model.fleet import DesiredDevice
from reconcile.model.journal import AttemptState, JournalEntry, intent_id
from reconcile.model.late import dataclass
from reconcile.model.recorded import TRIGGERED, RecordedDevice, RecordedRun
from reconcile.model.values import JsonObject
from reconcile.ports import Commit
from reconcile.runs.session import Session


@dataclass(frozen=True, slots=True)
class Deed:
    """Who mends the state, and why: the journal keeps both."""

    owner: str
    reason: str


@dataclass(frozen=True, slots=True)
class HandedOn:
    """What handing on came to. `waiting` commands are withdrawn by the next apply; `kept` are commands whose trigger
    counts as run, `due` those that run on the device that took over.
    """

    device: DeviceRef
    waiting: int
    kept: tuple[str, ...]
    due: tuple[str, ...]


FORGOTTEN = "its record was removed by hand"
"""Why a record ends that `state rm --withdraw` left to the next apply."""


def journal_note(deed: Deed) -> JsonObject:
    """Who and why, as the journal keeps it."""
    return {"by": deed.owner, "reason": deed.reason} if deed.reason else {"by": deed.owner}


def record_of(session: Session, ref: DeviceRef) -> RecordedDevice:
    """The record of a device that has one."""
    return next(iter(session.store.devices([ref])))


def forget(session: Session, ref: DeviceRef, deed: Deed, *, withdraws: bool) -> bool:
    """Forgets a record; True when that is left to the next apply, which withdraws first what waits (`withdraws`).

    Raises: StateError (RCL504) while an attempt is in doubt, or while commands wait and nobody said to withdraw them.
    """
    with session.store.lease(ref.platform, deed.owner, session.options.now()) as fence:
        record = record_of(session, ref)
        entries = _entries(session, record, deed, fence, operation="state_rm", target="")
        if record.is_waiting and not withdraws:
            raise _refusal(
                ref,
                f"{len(record.open_commands())} queued commands of ours still wait for it",
                f"Forgotten, they would be delivered all the same. `reconcile state rm {ref} --withdraw` leaves it to "
                "the next `reconcile apply` to withdraw them and then to forget the device.",
            )
        ending = [replace(record, digest=None, ends=FORGOTTEN)] if record.is_waiting else []
        commit = Commit(entries=entries, devices=ending, forgotten=() if ending else (ref,))
        session.store.commit(commit, fences={ref.platform: fence})
    return record.is_waiting


def hand_on(session: Session, old: DeviceRef, new: DesiredDevice, deed: Deed, *, runs_again: bool) -> HandedOn:
    """Hands the role of a recorded device to a declared one, which holds nothing of ours yet.

    Raises: StateError (RCL504) for an old device that is still declared, on another platform, or in doubt.
    """
    ref, identity = new.device.ref, new.device.identity
    if old.platform != ref.platform:
        raise _refusal(old, f"{ref} is on another platform", "Let the old device leave, and declare the new one.")
    if old != ref and any(desired.device.ref == old for desired in session.devices()):
        raise _refusal(old, "the manifests still declare it", f"Let {ref} take its place there first.")
    with session.store.lease(old.platform, deed.owner, session.options.now()) as fence:
        record = record_of(session, old)
        entries = _entries(session, record, deed, fence, operation="state_replace", target=str(ref))
        stays = {} if runs_again else runs_that_stay(record)
        if old == ref and record.identity == identity:
            devices = [begun_anew(replace(record, runs=_on_the_same(record, stays)), session.options.now())]
        else:
            devices = [_heir(session, ref, identity, stays), *_aside(session, record, ref)]
        forgotten = [old] if old not in {device.ref for device in devices} else []
        commit = Commit(entries=entries, devices=devices, forgotten=forgotten)
        session.store.commit(commit, fences={old.platform: fence})
    return HandedOn(ref, len(record.open_commands()), *_split(record, stays))


def _on_the_same(record: RecordedDevice, stays: Mapping[str, RecordedRun]) -> dict[str, RecordedRun]:
    """Runs of a device that keeps its identity: what waits stays known, so that it can be withdrawn and run anew."""
    waiting = {
        name: replace(run, past=stays[name].past_and_last() if name in stays else ())
        for name, run in record.runs.items()
        if run.delivery.is_open and run.command_uuid is not None
    }
    return {**stays, **waiting}


def _heir(session: Session, ref: DeviceRef, identity: Identity, stays: Mapping[str, RecordedRun]) -> RecordedDevice:
    prior = next(iter(session.store.devices([ref])), None)
    own = RecordedDevice(ref, identity) if prior is None or is_over(prior, identity) else prior
    return replace(own, runs={**stays, **own.runs}, digest=None)


def _aside(session: Session, record: RecordedDevice, heir: DeviceRef) -> list[RecordedDevice]:
    """The old device, under a name that no manifest can bear, until the next apply has withdrawn what waits for it."""
    if not record.is_waiting:
        return []
    ref = record.ref
    if ref == heir:
        ref = DeviceRef(ref.platform, f"{ref.name}@{'.'.join(value for _, value in record.identity.fields)}")
        if any(True for _ in session.store.devices([ref])):
            raise _refusal(
                ref, "commands for an earlier device of this name still wait", "Run `reconcile apply` first."
            )
    return [replace(record, ref=ref, digest=None, ends=f"replaced by {heir}")]


def _split(record: RecordedDevice, stays: Mapping[str, RecordedRun]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Commands by trigger: those whose last one counts as run, and the others."""
    names = sorted(name for name, run in record.runs.items() if run.key.startswith(TRIGGERED))
    kept = tuple(name for name in names if name in stays and stays[name].key == record.runs[name].key)
    return kept, tuple(name for name in names if name not in kept)


def _entries(
    session: Session, record: RecordedDevice, deed: Deed, fence: int, *, operation: str, target: str
) -> list[JournalEntry]:
    """What the journal keeps of the deed; attempts that only a person could settle end with it.

    Raises: StateError while another attempt is in doubt: what becomes of it would be recorded for a device unknown.
    """
    ref, now = record.ref, session.options.now()
    mine = [attempt.entry for attempt in session.store.open_attempts() if attempt.entry.device == ref]
    if any(entry.state is not AttemptState.NEEDS_OPERATOR for entry in mine):
        raise _refusal(ref, "an attempt on it is in doubt", "Run `reconcile apply`, which settles it, and try again.")
    said: JsonObject = {**journal_note(deed), "identity": str(record.identity)}
    plan = f"{operation} {ref} at {now.isoformat()}"
    one = JournalEntry(
        intent=intent_id(plan, operation), plan=plan, step=operation, lane=ref.platform, fence=fence, device=ref,
        operation=operation, target=target, attempt=1, state=AttemptState.DONE, at=now, evidence=said,
    )  # fmt: skip
    return [*(replace(e, state=AttemptState.SUPERSEDED, at=now, fence=fence, evidence=said) for e in mine), one]


def _refusal(ref: DeviceRef, why: str, advice: str) -> StateError:
    return StateError(f"the record of {ref} stays as it is: {why}. {advice}", code="RCL504")
