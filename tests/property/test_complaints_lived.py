"""The complaints about sleeping fleets, lived: planner, apply, state and clients against the emulator's devices.

`tests/golden/complaints` shows the plan that answers each; here a scenario shows what then happens at the devices and
in the emulator's log. Numbers are those of the golden cases.
"""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from proving.fleet import LAMP, PATHS
from proving.history import History
from proving.past import Rules
from proving.site import Site

from reconcile.model.desired import Budget, Delivery, DeliveryMode, DesiredDocument, DesiredResource
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.planner.on_air import ON_AIR
from reconcile.runs.request import Refresh

A_DAY = 86_400
FIRST, SECOND, OTHER = PATHS["sleeper"]
QUEUED = replace(Delivery(), mode=DeliveryMode.QUEUE, valid_after_s=10)


@pytest.fixture
def histories():
    opened = []

    def begin(*args, **kwargs):
        opened.append(History(*args, **kwargs))
        return opened[-1]

    yield begin
    for history in opened:
        history.close()


def want(history, path, value, name="sleeper"):
    history.git[name][path] = value
    history.told[name, path].append(value)


def operations(entries):
    return [entry.operation for entry in entries if entry.mutating]


def sleeper(history):
    return history.site.clouds.world.onenet[history.imei["sleeper"]]


@pytest.fixture
def meters():
    """Three sleepers of one class; the third has never been switched on."""
    imeis = [f"86582003000010{number}" for number in range(3)]
    sleep = {"kind": "psm", "wake_every_s": 3600, "awake_s": 20}
    population = [{"cloud": "onenet", "imei": imei, "sleep": sleep} for imei in imeis[:2]]
    population.append({"cloud": "onenet", "imei": imeis[2], "sleep": sleep, "online": False})
    devices = [
        Device(DeviceRef("onenet-prod", f"meter-{n}"), Identity.of(imei=imei), {}) for n, imei in enumerate(imeis)
    ]
    site = Site(population, devices)
    for device in devices:
        site.documents[device.ref.name] = DesiredDocument.build((DesiredResource(FIRST, -10.0),), (), QUEUED)
    yield site, [site.clouds.world.onenet[imei] for imei in imeis]
    site.close()


def test_14_a_month_of_silence_holds_nobody_up_and_ends_with_the_next_word(meters):
    site, devices = meters
    assert site.apply().applied.exit_code == 0
    for _ in range(31):
        site.clouds.skip(A_DAY)
        run = site.apply()
        assert run.applied.exit_code == 0, "silence is no failure"
        assert run.plan.summary.settled == 2, "nor do the others wait for it"
        assert run.plan.summary.changing + run.plan.summary.waiting == 1, "nor is it success"
    assert [device.objects.values().get(FIRST) for device in devices] == [-10.0, -10.0, None]
    assert len(devices[2].commands) <= 1 + QUEUED.requeue, "a silent device is not sent the same for ever"
    site.clouds.control(f"/devices/onenet/{devices[2].imei}/uplink", b'{"kind": "register"}')
    for _ in range(3):
        site.apply(Refresh.ALL)
        site.clouds.skip(A_DAY)
    assert devices[2].objects.values()[FIRST] == -10.0
    assert site.apply().plan.summary.settled == 3


def test_15_a_budget_smaller_than_a_request_delays_and_never_starves(histories):
    budget = Budget(wakeups_per_day=1, bytes_per_day=1)
    history = histories(("sleeper",), delivery=replace(QUEUED, budget=budget))
    for number, path in enumerate(PATHS["sleeper"]):
        want(history, path, number)
    waited = []
    for _ in range(4):
        plan = history.apply().plan
        waited.append(len(plan.waiting))
        assert all("is spent until" in notice.reason for notice in plan.waiting), "it says until when"
        history.wait(A_DAY + 3600)
    assert waited[0]
    assert waited == sorted(waited, reverse=True)
    assert history.holds("sleeper") == {path: number for number, path in enumerate(PATHS["sleeper"])}


@pytest.mark.parametrize("told_as", ["delivered", "failed"])
def test_16_a_device_that_said_no_was_not_told(told_as, meters):
    """A cached command that ended as delivered, with the device's refusal inside, opens no gate."""
    site, devices = meters
    devices[0].objects.refuses = frozenset([FIRST])
    site.clouds.world.scene.switches["negative_answer"] = told_as
    gated = (DesiredResource(FIRST, -5.0), DesiredResource(OTHER, 300, after=(FIRST,)))
    for name in ("meter-0", "meter-1"):
        site.documents[name] = DesiredDocument.build(gated, (), QUEUED)
    for _ in range(8):
        site.apply()
        site.clouds.skip(A_DAY)
    assert devices[1].objects.values() == {FIRST: -5.0, OTHER: 300}
    assert OTHER not in devices[0].objects.values()
    assert not [command for command in devices[0].commands.values() if command.path == "/1/0"], "nothing went past it"
    assert len(devices[0].commands) <= 1 + QUEUED.requeue
    assert site.apply().plan.summary.settled == 1


def test_17_twelve_changes_of_mind_leave_one_command(histories):
    history = histories(("sleeper",))
    for value in range(12):
        want(history, FIRST, float(value))
        first, again = history.apply(), history.apply()
        assert operations(first.log) == (["cancel", "queue_write"] if value else ["queue_write"])
        assert not operations(again.log), "a second run of CI queues nothing"
        assert len(sleeper(history).waiting) == 1
        history.wait(1)
    history.wait(60)
    history.wake("sleeper")
    assert [value for value in history.seen["sleeper", FIRST] if value is not None] == [11.0]


def test_18_what_was_sent_is_awaited_then_corrected(histories):
    history = histories(("sleeper",), {"between_retries": "sent"}, replace(QUEUED, retry=3))
    want(history, FIRST, 1.0)
    history.apply()
    history.wait(60)
    history.radio("device_silent")
    want(history, FIRST, 2.0)
    want(history, OTHER, 3)
    run = history.apply()
    assert run.applied.exit_code == 0
    assert operations(run.log) == ["queue_write"], "what does not hang on it goes; nothing is flushed"
    assert [(notice.resource, notice.reason) for notice in run.plan.waiting] == [(FIRST, ON_AIR)]
    history.wait(60)
    history.wake("sleeper")
    assert history.holds("sleeper") == {FIRST: 1.0, OTHER: 3}, "the older value arrives, and is known to"
    assert operations(history.apply().log) == ["queue_write"]
    history.finish()
    assert [value for value in history.seen["sleeper", FIRST] if value is not None] == [1.0, 2.0]


@pytest.mark.parametrize("how", ["forgotten", "expired", "stuck"])
def test_19_a_lost_queue_is_filled_from_git(how, histories):
    history = histories(("sleeper",), {"between_retries": "sent"}, replace(QUEUED, expire_after_s=600))
    want(history, FIRST, 1.0)
    history.apply()
    device = sleeper(history)
    (old,) = device.commands.values()
    device.waiting.clear()
    if how == "forgotten":
        device.commands.clear()
    elif how == "stuck":
        old.send_status = 3
    history.wait(2000)
    if how == "expired":
        old.send_status = 4
    run = history.apply()
    assert operations(run.log) == ["queue_write"]
    assert "retry 1 of 5" in run.plan.classes[0].changes[0].reason
    (new,) = device.waiting
    assert new.expired_ms > history.site.clouds.now_ms > old.expired_ms
    history.wait(60)
    history.wake("sleeper")
    assert history.holds("sleeper") == {FIRST: 1.0}
    assert history.apply().plan.is_empty


@pytest.mark.parametrize("how", ["reset", "swap"])
def test_20_what_was_queued_for_the_device_before_does_not_reach_the_one_after(how, histories):
    history = histories(("sleeper",), rules=Rules(may_be_replaced=True))
    want(history, FIRST, 1.0)
    history.apply(Refresh.ALL)
    history.wait(4000)
    want(history, FIRST, 2.0)
    want(history, OTHER, 3)
    history.apply(Refresh.ALL)
    before = sleeper(history)
    old = list(before.waiting)
    assert len(old) == 2
    getattr(history, how)()
    history.apply(Refresh.ALL)
    history.apply(Refresh.ALL)
    assert not set(map(id, old)) & set(map(id, before.waiting)), "withdrawn first"
    history.wait(60)
    history.wake("sleeper")
    assert history.holds("sleeper") == {FIRST: 2.0, OTHER: 3}, "all of it, though the record had it already"
    assert all(command.send_status == 2 for command in old)
    history.finish()


def test_20_a_plan_of_before_the_swap_goes_to_nobody(histories):
    history = histories(("sleeper",), rules=Rules(may_be_replaced=True))
    want(history, FIRST, 1.0)
    history.save()
    history.swap()
    history.apply()
    late = history.apply_saved()
    assert late.failure.code == "RCL302"
    assert not operations(late.log), "neither to the meter that was there before, nor over what waits for the new one"
    history.finish()


def test_21_a_change_set_takes_one_session_and_no_reading(histories):
    history = histories(("sleeper",))
    for number, path in enumerate(PATHS["sleeper"]):
        want(history, path, number)
    history.order("after")
    history.apply()
    history.wait(60)
    history.wake("sleeper")
    commands = list(sleeper(history).commands.values())
    assert [command.type for command in commands] == ["WRITE", "WRITE", "EXECUTE"]
    assert len({command.sent_ms for command in commands}) == 1, "one radio session"
    assert history.apply().plan.is_empty, "its answers confirm; nothing is read from it"
    asked = Counter(entry.operation for entry in history.site.log)
    assert not asked.keys() & {"read_now", "queue_read", "observe", "write_now"}, asked


def test_22_a_sleeper_is_called_once_for_each_time_it_was_heard(histories):
    history = histories(("sleeper",), mode=DeliveryMode.AUTO)
    history.wait(2000)
    for value in range(5):
        want(history, FIRST, float(value))
        history.apply()
        history.wait(100)
    calls = [entry for entry in history.site.log if entry.operation == "write_now"]
    assert not calls, "nobody calls a device that was heard half an hour ago"
    history.wait(300)
    history.wake("sleeper")
    want(history, FIRST, 9.0)
    run = history.apply()
    assert operations(run.log) == ["write_now"], "heard a moment ago: told at once"
    history.finish()


def test_23_an_old_wish_is_not_pressed_upon_what_somebody_set_since(histories):
    history = histories(("lamp",))
    want(history, "P1", 1, "lamp")
    history.apply()
    history.intrude("lamp", "P1")
    (set_since,) = history.foreign["lamp", "P1"]
    for _ in range(3):
        run = history.apply()
        assert not operations(run.log), "git says nothing new: nothing is sent again"
        history.wait(A_DAY)
    assert history.holds("lamp")["P1"] == set_since
    want(history, "P1", 2, "lamp")
    run = history.apply()
    assert not operations(run.log)
    assert run.applied.exit_code == 4
    (conflict,) = run.plan.conflicts
    assert (conflict.desired, conflict.recorded, conflict.observed) == (2, 1, set_since)
    assert history.holds("lamp")["P1"] == set_since


def test_23_what_a_person_set_at_the_device_is_read_before_it_is_replaced(histories):
    history = histories(("lamp",))
    want(history, "P1", 1, "lamp")
    history.apply()
    history.wait(3600)
    lamp, clouds = history.site.clouds.world.aliyun[LAMP], history.site.clouds
    lamp.values["P1"] = 7
    lamp.reported["P1"] = (7, clouds.now_ms)
    history.wait(3600)
    assert not operations(history.apply().log), "our older wish is not pressed upon it"
    want(history, "P1", 2, "lamp")
    (told,) = history.apply().plan.drift
    assert (told.desired, told.recorded, told.observed) == (2, 1, 7), "a plain plan shows what it replaces"


@pytest.mark.parametrize("after_a_clear", ["zero", "keeps", "counts"])
def test_24_a_version_protects_and_never_locks_out(after_a_clear, histories):
    """Somebody writes between our plan and our set; and a clear does not leave a version that is refused for ever."""
    switches = {"version_after_clear": after_a_clear}
    history = histories(("lamp",), switches)
    want(history, "P1", 1, "lamp")
    history.apply()
    want(history, "P1", 2, "lamp")
    history.race("lamp")
    run = history.apply()
    (set_since,) = history.foreign["lamp", "P1"]
    assert run.applied.exit_code == 1
    assert history.holds("lamp")["P1"] == set_since, "refused, and not tried again over it"
    assert len(operations(run.log)) == 1
    assert history.apply().applied.exit_code == 4
    want(history, "P1", set_since, "lamp")
    assert history.apply().applied.exit_code == 0
    for value in (None, 3, None, 4):
        want(history, "P1", value, "lamp")
        assert history.apply().applied.exit_code == 0
    assert history.holds("lamp") == {"P1": 4}


def test_complaints_are_those_of_the_golden_cases():
    shown = {path.name[:2] for path in (Path(__file__).parents[1] / "golden" / "complaints").iterdir()}
    assert shown == {name[5:7] for name in globals() if name.startswith("test_") and name[5:7].isdigit()}
