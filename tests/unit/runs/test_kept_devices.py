"""A saved plan that is kept packed says, sends and is screened as the same plan held as objects."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reconcile.apply.turns import Turns
from reconcile.model.actions import SetDesired, Write
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.plan import Base, ChangeClass, Plan, PlannedDevice, Step, Summary
from reconcile.model.plan_devices import alike, first_asked, on_platform, platforms_of, steps_by_platform
from reconcile.model.plan_spelling import plan_digest
from reconcile.model.policy import PolicyNote
from reconcile.report.text import plan_text
from reconcile.runs import kept_devices
from reconcile.runs.kept_devices import Keeper, KeptDevices, PlannedHead, heads_of
from reconcile.runs.planfile import read_plan, write_plan
from reconcile.runs.planned_heads import after
from reconcile.testing.builders import AT

SET = SetDesired((Write("Brightness", 60, None),), (("Brightness", 3),))


def device(platform, number, steps=1):
    ref = DeviceRef(platform, f"lamp-{number:03}")
    sent = tuple(Step(f"{ref}-s{n}", ref, "c1", 1, SET) for n in range(steps))
    identity = Identity.of(productKey="a1", deviceName=ref.name)
    return PlannedDevice(ref, identity, "c1", "none", f"digest-{number}", sent, delivery="asleep" if number % 2 else "")


DEVICES = tuple(device("a", n, n % 3) for n in range(300)) + tuple(device("b", n) for n in range(200))


def plan(devices=DEVICES):
    group = ChangeClass("c1", len(devices), (devices[0].ref,), ())
    base = Base("sha256:m", None, "lineage", 1, "changed")
    summary = Summary(devices=len(devices), changing=len(devices), requests={"a": 300, "b": 200})
    at = AT.replace(microsecond=0)
    made = Plan("", at, at + timedelta(days=1), base, summary, (group,), devices)
    return replace(made, digest=plan_digest(made))


def test_a_plan_that_is_kept_packed_is_the_plan(tmp_path):
    write_plan(plan(), tmp_path / "plan")
    kept = read_plan(tmp_path / "plan", Keeper())
    assert isinstance(kept.devices, KeptDevices)
    assert kept == read_plan(tmp_path / "plan") == plan()
    assert plan_text(kept) == plan_text(plan())
    assert (len(kept.devices), kept.devices[300], kept.devices[-1]) == (500, DEVICES[300], DEVICES[-1])
    assert [one.delivery for one in kept.devices] == [one.delivery for one in DEVICES]
    assert list(heads_of(kept.devices)) == [PlannedHead.of(one) for one in DEVICES]


def test_totals_are_those_of_every_device():
    kept = Keeper.kept(DEVICES)
    for ask in (platforms_of, steps_by_platform, first_asked):
        assert ask(kept) == ask(DEVICES)
    assert (sum(number for _, number in alike(kept)), len(alike(kept))) == (500, 4)
    assert list(on_platform(kept, "b")) == list(on_platform(DEVICES, "b"))
    assert steps_by_platform(on_platform(kept, "b")) == {"b": 200}


def test_no_more_than_the_next_devices_are_objects_and_have_records(monkeypatch):
    kept, made, asked = Keeper.kept(DEVICES), [], []
    of = kept_devices.device_from_json
    monkeypatch.setattr(kept_devices, "device_from_json", lambda *body: made.append(1) or of(*body))
    turns = Turns(kept, lambda some: asked.append(len(some)) or {some[0].ref: "its record"})
    assert next(turns) == (DEVICES[0], "its record")
    assert (len(made), asked, turns.left) == (128, [128], 499)
    assert [one for one, _ in turns] == list(DEVICES[1:])
    assert (turns.left, max(asked)) == (0, 128)


def test_a_saved_plan_foresees_its_devices_among_the_others():
    kept = Keeper.kept([device("b", 1), device("b", 3), replace(device("b", 4), is_released=True)])
    others = [("a", "x", "i", "d", 1), ("b", "lamp-001", "old", "old", 1), ("c", "y", "j", None, 0)]
    found = list(after(replace(plan(), devices=kept))(iter(others)))
    assert found == [
        others[0],
        ("b", "lamp-001", str(device("b", 1).identity), "digest-1", False),
        ("b", "lamp-003", str(device("b", 3).identity), "digest-3", False),
        ("b", "lamp-004", str(device("b", 4).identity), None, False),
        others[2],
    ]


@pytest.mark.parametrize(
    "more", [{"policy": PolicyNote("manifests", "d", (), None, ())}, {"raised": (object(),)}, {"devices": DEVICES}]
)
def test_nothing_is_foreseen_where_more_is_asked_about_devices(more):
    assert after(replace(plan(Keeper.kept(DEVICES)), **more)) is None
