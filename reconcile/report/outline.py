"""What every form of a plan report says, whatever it is written in: verdict, totals, rows, grouped notices."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from reconcile.model.conflict import ConflictNote
from reconcile.model.device import DeviceRef
from reconcile.model.late import dataclass
from reconcile.model.plan import ChangeClass, Notice, Plan, PlannedDevice
from reconcile.model.plan_devices import alike
from reconcile.model.values import ABSENT, Json, Known, Missing, canonical
from reconcile.report.messages import Texts
from reconcile.report.sanitise import inert
from reconcile.report.values import show, show_change
from reconcile.report.view import moment

_SAFETY = re.compile("RCL7[0-9]{2}")
_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """The first line of a report; `role` is how it is painted."""

    role: str
    sentence: str


def verdict(plan: Plan, texts: Texts) -> Verdict:
    """What a reader must know before anything else."""
    errors = [diagnostic for diagnostic in plan.diagnostics if diagnostic.is_error]
    summary, devices = plan.summary, texts.count("device", plan.summary.devices)
    requests = sum(summary.requests.values())
    if plan.is_blocked:
        codes = ", ".join(sorted({error.code for error in errors if _SAFETY.fullmatch(error.code)}))
        return Verdict("error", texts("plan.blocked", codes=codes))
    if errors:
        return Verdict("error", texts("plan.broken", errors=texts.count("error", len(errors))))
    if requests:
        # Not `summary.changing`: it leaves out devices in conflict, and counts those that are only recorded.
        changing = sum(number for device, number in alike(plan.devices) if device.steps)
        counted = texts.count("request", requests)
        return Verdict("bold", texts("plan.changes", changing=changing, devices=devices, requests=counted))
    recorded = sum(number for device, number in alike(plan.devices) if _is_recorded(device))
    if recorded:
        return Verdict("bold", texts("plan.records", devices=texts.count("device", recorded)))
    if plan.unknown or plan.conflicts or plan.drift or plan.blocked:
        return Verdict("warning", texts("plan.left_alone"))
    if summary.waiting:
        return Verdict("good", texts("plan.waiting", waiting=summary.waiting, devices=devices))
    if plan.held:
        held = texts.count("device", summary.held)
        return Verdict("good", texts("plan.empty_held", settled=summary.settled, devices=devices, held=held))
    return Verdict("good", texts("plan.empty", devices=devices))


def _is_recorded(device: PlannedDevice) -> bool:
    """Whether applying the plan writes something down about the device; of one in conflict it may be nothing."""
    return bool(device.class_id or device.settles is not None or device.withdrawn_runs)


def totals(plan: Plan, texts: Texts) -> str:
    """Every device of the plan, counted once, on one line."""
    return " · ".join(tallies(plan, texts))


def tallies(plan: Plan, texts: Texts) -> list[str]:
    """Every device of the plan, counted once; those that are only recorded apart from those that are sent something."""
    s = plan.summary
    disputed = {notice.device for notice in plan.conflicts}
    kinds = [(one, 1) for one in plan.devices if one.ref not in disputed] if disputed else alike(plan.devices)
    recorded = sum(number for one, number in kinds if one.class_id and not one.steps)
    counts = {"settled": s.settled, "changing": s.changing - recorded, "recorded": recorded, "waiting": s.waiting}
    counts |= {"held": s.held, "unknown": s.unknown, "conflicts": s.conflicts}
    return [texts(f"total.{name}", n=n) for name, n in counts.items() if n or name != "recorded"]


def notices_of(plan: Plan) -> tuple[tuple[str, tuple[Notice, ...]], ...]:
    """What the plan leaves alone, by kind, the most urgent first."""
    urgent = (("guarded", plan.blocked), ("conflicts", plan.conflicts), ("drift", plan.drift))
    return (*urgent, ("held", plan.held), ("unknown", plan.unknown), ("put_off", plan.waiting))


def split_classes(plan: Plan) -> tuple[list[ChangeClass], list[ChangeClass]]:
    """Classes that send something, and those that are only recorded: an adoption must not hide a write."""
    sending = {device.class_id for device, _ in alike(plan.devices) if device.steps}
    return (
        [group for group in plan.classes if group.id in sending],
        [group for group in plan.classes if group.id not in sending],
    )


def requests_of(plan: Plan) -> dict[str, list[tuple[str, int]]]:
    """Requests per platform and kind, the most frequent first."""
    counts: dict[str, Counter[str]] = {}
    for device, number in alike(plan.devices):
        for step in device.steps:
            counts.setdefault(device.ref.platform, Counter())[step.action.kind] += number
    return {
        platform: sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
        for platform, kinds in sorted(counts.items())
    }


def forecast(plan: Plan, texts: Texts) -> str:
    """When the clouds will have taken everything; and what that does not mean for devices that sleep."""
    sentence = texts("plan.forecast", seconds=f"{max(plan.summary.accepted_s, 0.1):,.1f}")
    queues = any(step.action.kind.startswith("queue_") for device, _ in alike(plan.devices) for step in device.steps)
    return texts("plan.forecast_queued", accepted=sentence) if queues else sentence


def sample_text(devices: int, sample: Iterable[DeviceRef], texts: Texts) -> str:
    """`onenet-prod/meter-0001, onenet-prod/meter-0002, …`."""
    shown = [inert(str(ref)) for ref in sample]
    return texts("list.and").join([*shown, texts("list.more")] if devices > len(shown) else shown)


@dataclass(slots=True)
class NoticeGroup:
    """Devices of which the same is to be said; `notice` is the first."""

    notice: Notice
    devices: int
    sample: list[DeviceRef]


def grouped(notices: Iterable[Notice]) -> list[NoticeGroup]:
    """Notices that differ in the device alone, as one; a dead account is one line, not ten thousand."""
    groups: dict[bytes, NoticeGroup] = {}
    for notice in notices:
        group = groups.setdefault(_said(notice), NoticeGroup(notice, 0, []))
        group.devices += 1
        if len(group.sample) < _SAMPLES:
            group.sample.append(notice.device)
    return list(groups.values())


def numbered(notices: Iterable[Notice]) -> Iterator[int]:
    """Of each notice, the number of its entry among the grouped ones."""
    numbers: dict[bytes, int] = {}
    for notice in notices:
        yield numbers.setdefault(_said(notice), len(numbers))


def _said(notice: Notice) -> bytes:
    sides = [_key(side) for side in (notice.desired, notice.recorded, notice.observed)]
    return canonical([notice.reason, notice.resource, sides])


def sides_text(notice: Notice, texts: Texts) -> str:
    """`desired -10.0 · recorded -20.0 · observed -15.0`; different values look different."""
    recorded, observed = show_change(notice.recorded, notice.observed, texts)
    shown = {"desired": show(notice.desired, texts), "recorded": recorded, "observed": observed}
    if notice.observed is ABSENT and notice.drift is None:
        # Of what waits nobody asks what is there; a command may have no value at all.
        known = {"desired": notice.desired, "recorded": notice.recorded}
        shown = {name: shown[name] for name, value in known.items() if value is not ABSENT}
    return " · ".join(f"{texts(f'side.{name}')} {value}" for name, value in shown.items())


def group_sides(group: NoticeGroup, texts: Texts) -> str:
    """The sides of a group and, of one device alone, both versions of a foreign change and since when it stands."""
    sides = sides_text(group.notice, texts)
    note = group.notice.conflict if group.devices == 1 else None
    return sides if note is None else " · ".join([sides, *_noted(note, texts)])


def _noted(note: ConflictNote, texts: Texts) -> Iterator[str]:
    if note.version is not None and note.recorded_version is not None:
        yield texts("conflict.versions", recorded=note.recorded_version, version=note.version)
    if note.changed_at is not None:
        yield texts("conflict.since", when=moment(note.changed_at))


def _key(side: Known) -> Json:
    return [side.value] if isinstance(side, Missing) else {"value": side}
