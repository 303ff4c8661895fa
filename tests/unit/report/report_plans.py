"""Plans for the report's tests: one of each kind, and one whose every text is hostile."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from reconcile.model.actions import CancelQueued, QueueExecute, Queueing, QueueWrite, SetDesired, Write
from reconcile.model.desired import WriteMode
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.diagnostic import Diagnostic, Severity, Span
from reconcile.model.plan import Adoption, Base, Change, ChangeClass, Notice, Plan, PlannedDevice, Step, Summary
from reconcile.model.plan_spelling import plan_digest
from reconcile.model.values import ABSENT, UNKNOWN, secret

AT = datetime(2026, 11, 22, 8, 0, 0, tzinfo=UTC)
BASE = Base("sha256:" + "ab" * 32, None, "lineage-1", 12, "changed")
QUEUEING = Queueing(60, 259_200, 3, ("register", "update", "notify"))


def meter(number: int) -> DeviceRef:
    return DeviceRef("onenet-prod", f"meter-{number:04}")


def lamp(number: int) -> DeviceRef:
    return DeviceRef("aliyun-prod", f"lamp-{number:02}")


def empty_plan(**fields: object) -> Plan:
    summary = Summary(devices=10_000, settled=10_000)
    bare = Plan("", AT, AT + timedelta(hours=24), BASE, summary)
    plan = replace(bare, **fields)  # type: ignore[arg-type]
    return replace(plan, digest=plan_digest(plan))


def large_plan() -> Plan:
    """Every kind of change, notice and step."""
    classes = (
        ChangeClass(
            "c1",
            8,
            (meter(1), meter(2), meter(3)),
            (
                Change("/3303/0/5603", "update", -20.0, -10.0, "manifest"),
                Change("/3303/0/5604", "create", UNKNOWN, 60.0, "manifest"),
                Change("/3/0/4", "run", ABSENT, None, "reboot: after its resources change"),
            ),
        ),
        ChangeClass(
            "c2",
            1,
            (lamp(17),),
            (
                Change("Brightness", "update", 40, 60, "drift: changed outside"),
                Change(
                    "Schedule",
                    "update",
                    {"on": "18:00", "off": "06:00", "days": [1, 2, 3]},
                    {"on": "19:00", "off": "06:00", "days": [1, 2, 3, 4], "season": "winter"},
                    "manifest",
                ),
                Change("Banner", "update", "x" * 300, "x" * 299 + "y", "manifest"),
                Change(
                    "Key", "update", secret("env", "LAMP_KEY", "1" * 8), secret("env", "LAMP_KEY", "2" * 8), "manifest"
                ),
                Change("Fade", "clear", 3, None, "left the manifests (onRemoval)"),
            ),
        ),
        ChangeClass("c3", 2, (lamp(1), lamp(2)), (Change("Power", "adopt", True, True, "already there"),)),
        ChangeClass("c4", 1, (lamp(9),), (Change("Mode", "release", 2, ABSENT, "the device left the manifests"),)),
    )
    held = (Notice(meter(30), "site-work, until 2026-12-01T00:00:00+00:00: a technician is on site with a spanner"),)
    unknown = tuple(Notice(meter(number), "the platform did not answer within 10 s") for number in range(40, 45))
    conflicts = (Notice(lamp(20), "changed in the manifests and outside", "Brightness", 10, 20, 30),)
    drift = (Notice(lamp(17), "drift: changed outside", "Brightness", 60, 60, 40),)
    waiting = tuple(Notice(meter(n), "queue full: 10 of 10", "/3308/0/5900", 21.5) for n in (50, 51))
    warning = Diagnostic(
        "RCL128",
        "profile matches no device",
        "Profile pumps-base selects type=pump; no device has that label. Correct the selector or remove the profile.",
        Span("manifests/profiles/pumps.yaml", 3, 1),
        Severity.WARNING,
    )
    summary = Summary(10_000, 9_978, 9, 6, 1, 5, 1, {"onenet-prod": 17, "aliyun-prod": 1}, 1.2)
    return empty_plan(
        summary=summary,
        classes=classes,
        devices=_devices(),
        held=held,
        unknown=unknown,
        conflicts=conflicts,
        drift=drift,
        waiting=waiting,
        diagnostics=(warning,),
    )


def _devices() -> tuple[PlannedDevice, ...]:
    planned = [_meter_device(number, 2 * number - 1) for number in range(1, 9)]
    cancel = Step("s17", meter(8), "c1", 1, CancelQueued("a1b2c3", ("/3303/0/5603",)))
    planned[-1] = replace(planned[-1], steps=(cancel, *planned[-1].steps))
    items = (Write("Brightness", 60), Write("Fade", None))
    lamp_step = Step("s18", lamp(17), "c2", 1, SetDesired(items, (("Brightness", 4), ("Fade", 1))))
    planned.append(_device(lamp(17), "c2", lamp_step))
    planned += [replace(_device(lamp(n), "c3"), adoptions=(Adoption("Power", True, None, 3),)) for n in (1, 2)]
    planned.append(replace(_device(lamp(9), "c4"), is_released=True, settles=None))
    return tuple(planned)


def _meter_device(number: int, first: int) -> PlannedDevice:
    writes = (Write("/3303/0/5603", -10.0), Write("/3303/0/5604", 60.0))
    write = QueueWrite("/3303/0", writes, WriteMode.UPDATE, 25, QUEUEING)
    run = QueueExecute("/3/0/4", None, "reboot", "0f" * 16, 25, replace(QUEUEING, retry=0))
    return _device(
        meter(number),
        "c1",
        Step(f"s{first}", meter(number), "c1", 1, write),
        Step(f"s{first + 1}", meter(number), "c1", 1, run, (f"s{first}",)),
    )


def _device(ref: DeviceRef, class_id: str, *steps: Step) -> PlannedDevice:
    identity = Identity.of(imei="860000000000001")
    return PlannedDevice(ref, identity, class_id, "sha256:" + "cd" * 32, "ef" * 16, steps)
