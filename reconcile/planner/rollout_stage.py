"""Where a rollout stands: evidence of each wave from recorded state alone, the last wave that may go, who is awaited.

Nothing is remembered of a rollout as a whole: each device keeps which rollout changed it, in which wave, since when.
What it did with the change is in its record like any other delivery. So any run, on any machine, finds the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median

from reconcile.model.desired import Ownership
from reconcile.model.device import DeviceRef
from reconcile.model.fleet import DesiredDevice
from reconcile.model.late import dataclass
from reconcile.model.recorded import DeliveryState, RecordedDevice
from reconcile.model.rollout import Rollout, RolloutMark
from reconcile.model.rollout_note import RolloutNote, WaveNote
from reconcile.planner.rollout_gate import Evidence, Standing, may_advance, must_abort
from reconcile.planner.rollout_waves import Placed


@dataclass(frozen=True, slots=True)
class Member:
    """A declared device whose document a rollout governs, and its record as last seen. `model`: its platform's word."""

    desired: DesiredDevice
    record: RecordedDevice
    model: str = ""

    def mark(self, now: datetime) -> RolloutMark | None:
        """Its part in a rollout to the very document that is declared of it now; None when it has none.

        Who began to tell it may have died before anything left. Its place is kept for as long as a command would have
        waited; then it is sent as if for the first time, and not beside the device that would take its place.
        """
        mark, document = self.record.rollout, self.desired.document
        if mark is None or mark.profile != document.rollout or mark.document != document.digest:
            return None
        return mark if mark.is_told or now - mark.at < _patience(self.desired) else None


@dataclass(frozen=True, slots=True)
class Stage:
    """A rollout as it stands. `wave` is the last one that may be sent; `evidence` is of each wave.

    `blamed` are the devices that failed, by which an abort is remembered.
    """

    rollout: Rollout
    standing: Standing
    wave: int
    evidence: tuple[Evidence, ...]
    opens: datetime | None = None
    again_s: int | None = None
    blamed: tuple[DeviceRef, ...] = ()

    @property
    def may_send(self) -> int:
        """The last wave that may be sent right now; 0 outside its window, or when it was aborted."""
        return 0 if self.opens is not None or self.standing is Standing.ABORTED else self.wave

    def note(self) -> RolloutNote:
        """What a plan tells of it."""
        waves = tuple(
            WaveNote(
                number, seen.sent + seen.parked + seen.unsent,
                seen.confirmed, seen.failed, seen.silent, seen.parked, seen.unsent,
            )
            for number, seen in enumerate(self.evidence, start=1)
        )  # fmt: skip
        rollout = self.rollout
        return RolloutNote(rollout.profile, rollout.id, self.standing.value, self.wave, waves, self.again_s, self.opens)


def placed(rollout: Rollout, members: Iterable[Member], now: datetime) -> list[Placed]:
    """The devices that were sent, in their waves."""
    return [
        Placed(m.desired.device.ref, _wave(rollout, mark), m.desired.device.labels, m.model, _is_parked(m, mark, now))
        for m in members
        if (mark := m.mark(now)) is not None
    ]


def stage(rollout: Rollout, unsent: Mapping[DeviceRef, int], members: Sequence[Member], now: datetime) -> Stage:
    """Where it stands, given the waves of the devices that are still to be sent."""
    marked = [(member, mark) for member in members if (mark := member.mark(now)) is not None]
    seen = [Evidence() for _ in rollout.waves]
    for wave in unsent.values():
        seen[wave - 1] += Evidence(unsent=1)
    silent: list[Member] = []
    blamed: list[DeviceRef] = []
    for member, mark in marked:
        found = evidence_of(rollout, member, mark, now)
        seen[_wave(rollout, mark) - 1] += found
        if found.silent:
            silent.append(member)
        if found.failed:
            blamed.append(member.desired.device.ref)
    wave, so_far = 1, seen[0]
    while wave < len(seen) and may_advance(rollout, so_far):
        so_far += seen[wave]
        wave += 1
    everything = sum(seen, Evidence())
    is_over = must_abort(rollout, everything) or any(mark.id == rollout.id and mark.is_aborted for _, mark in marked)
    opens = rollout.opens(now)
    return Stage(
        rollout,
        _standing(so_far, everything, is_aborted=is_over, is_closed=opens is not None),
        wave,
        tuple(seen),
        None if is_over else opens,
        None if is_over or so_far.unsent else _again_s(silent, now),
        tuple(blamed),
    )


def _standing(so_far: Evidence, everything: Evidence, *, is_aborted: bool, is_closed: bool) -> Standing:
    if is_aborted:
        return Standing.ABORTED
    if so_far.unsent:
        return Standing.CLOSED if is_closed else Standing.SENDING
    return Standing.WAITING if everything.unsent or everything.silent or everything.failed else Standing.DONE


def evidence_of(rollout: Rollout, member: Member, mark: RolloutMark, now: datetime) -> Evidence:
    """What one device that was sent the change says for it or against it."""
    if _has_confirmed(member, mark):
        return Evidence(confirmed=1)
    if mark.id == rollout.id and (mark.has_failed or has_failed(member.record, mark)):
        return Evidence(failed=1)
    return Evidence(parked=1) if _is_parked(member, mark, now) else Evidence(silent=1)


def has_failed(record: RecordedDevice, mark: RolloutMark) -> bool:
    """Whether a cached command sent to it since failed: the device answered, and it was no.

    An expired command is silence. So is a write of which nobody knows what became of it: it has no command.
    """
    resources, runs = record.resources.values(), record.runs.values()
    ended = [(r.command_uuid, r.delivery) for r in resources if r.accepted_at >= mark.at]
    ended += [(run.command_uuid, run.delivery) for run in runs if run.at >= mark.at]
    return any(uuid is not None and delivery is DeliveryState.FAILED for uuid, delivery in ended)


def _has_confirmed(member: Member, mark: RolloutMark) -> bool:
    record, document = member.record, member.desired.document
    if record.digest != document.digest:
        return False
    ours = {r.path for r in document.resources if r.ownership in (Ownership.ENFORCE, Ownership.SEED)}
    # What is still on its way was not confirmed, even if the clock of who sent it was behind that of who made the mark.
    waits = [r for r in record.resources.values() if r.path in ours and r.delivery.is_open and r.value is not None]
    if waits:
        return False
    written = [r for r in record.resources.values() if r.path in ours and r.accepted_at >= mark.at]
    ran = [run for run in record.runs.values() if run.at >= mark.at]
    # A cleared value is gone from the cloud's copy: no device can report that.
    return all(r.delivery is DeliveryState.CONFIRMED or r.value is None for r in written) and not any(
        run.is_owed or run.delivery.is_open or run.delivery.is_lost for run in ran
    )


def _is_parked(member: Member, mark: RolloutMark, now: datetime) -> bool:
    if _has_confirmed(member, mark) or mark.has_failed or has_failed(member.record, mark):
        return False
    return now - mark.at >= _patience(member.desired)


def _patience(desired: DesiredDevice) -> timedelta:
    """How long anybody waits for a device."""
    return timedelta(seconds=desired.document.delivery.expire_after_s)


def _wave(rollout: Rollout, mark: RolloutMark) -> int:
    return min(mark.wave, len(rollout.waves))


def _again_s(silent: Sequence[Member], now: datetime) -> int | None:
    """Seconds until half of the silent devices of which a rhythm is known should have been heard."""
    waits = []
    for member in silent:
        every_s, last = rhythm_s(member.desired, member.record), member.record.last_uplink
        if every_s:
            since_s = 0.0 if last is None else (now - last).total_seconds()
            waits.append(every_s - since_s % every_s)
    return int(median(waits)) + 1 if waits else None


def rhythm_s(desired: DesiredDevice, record: RecordedDevice | None) -> float | None:
    """How long the device is silent between two uplinks, as a rule: as recorded, or as the manifests say."""
    silences = () if record is None else record.silences_s
    return median(silences) if silences else desired.document.delivery.wakes_every_s
