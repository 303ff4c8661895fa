"""When a plan only waits: everything that is left is behind gates that wait for devices."""

from datetime import timedelta

import pytest

from reconcile.cli.plan import exit_code
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.plan import Base, ChangeClass, Plan, PlannedDevice, Summary
from reconcile.model.rollout import Ticket
from reconcile.model.rollout_note import RolloutNote, WaveNote
from reconcile.testing.builders import AT

WAVES = (WaveNote(1, 3, confirmed=1, silent=2), WaveNote(2, 9, unsent=9))


def device(number, wave):
    ticket = None if wave is None else Ticket("p", "d", wave, "doc")
    return PlannedDevice(
        DeviceRef("x", f"m{number}"), Identity.of(imei=str(number)), "c1", "none", "doc", rollout=ticket
    )


@pytest.mark.parametrize(
    ("standing", "waves", "code"),
    [
        ("waiting", [2, 2, 3], 3),
        ("waiting", [2, 1], 2),
        ("waiting", [2, None], 2),
        ("closed", [2], 2),
        ("sending", [2], 2),
        ("aborted", [], 4),
        ("done", [], 0),
    ],
)
def test_only_devices_behind_a_gate_make_a_plan_one_that_waits(standing, waves, code):
    devices = tuple(device(number, wave) for number, wave in enumerate(waves))
    classes = (ChangeClass("c1", len(waves), (), ()),) if waves else ()
    base = Base("sha256:m", None, "l", 1, "changed")
    plan = Plan(
        "sha256:p", AT, AT + timedelta(days=1), base, Summary(), classes, devices,
        rollouts=(RolloutNote("p", "d", standing, 1, WAVES),),
    )  # fmt: skip
    assert exit_code(plan, 0) == code
    assert exit_code(plan, 1) == 5
