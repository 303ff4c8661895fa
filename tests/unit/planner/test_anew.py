"""A device that begins anew: what of its record still counts, and what a plan does about the rest."""

from datetime import timedelta

import pytest

from reconcile.model.epoch import begun_anew, is_over, noticed, runs_that_stay
from reconcile.model.recorded import DeliveryState, RecordedRun
from reconcile.testing.builders import AT, recorded, resource

LATER = AT + timedelta(hours=1)
QUEUED = {"delivery": DeliveryState.QUEUED, "command_uuid": "u1"}


def run(key="trigger:1", delivery=DeliveryState.CONFIRMED, **fields):
    return RecordedRun("reboot", key, delivery, AT, **fields)


def test_first_word_of_a_registration_is_only_kept():
    device = recorded("m", resource(), digest="d")
    told = noticed(device, "classic:1", LATER)
    assert (told.registered, told.resources, told.digest, told.reset_at) == ("classic:1", device.resources, "d", None)
    assert noticed(told, "classic:1", LATER) is told
    assert noticed(told, None, LATER) is told


def test_another_registration_leaves_only_what_waits():
    """The command has to be withdrawn, so it is not forgotten; nothing else counts as held."""
    device = recorded(
        "m",
        resource("/1/0/1"),
        resource("/1/0/2", **QUEUED),
        digest="d",
        registered="classic:1",
        runs={"reboot": run()},
    )
    told = noticed(device, "classic:2", LATER)
    assert list(told.resources) == ["/1/0/2"]
    assert (told.digest, told.reset_at, told.registered) == (None, LATER, "classic:2")
    assert told.runs == device.runs
    assert noticed(told, "classic:2", LATER + timedelta(days=1)) is told


@pytest.mark.parametrize(
    ("last", "stays"),
    [
        (run(), ("trigger:1", ())),
        (run(delivery=DeliveryState.SENT), ("trigger:1", ())),
        (run(delivery=DeliveryState.QUEUED), None),
        (run(delivery=DeliveryState.EXPIRED), None),
        (run(is_owed=True), None),
        (run("trigger:2", DeliveryState.QUEUED, past=("trigger:0", "trigger:1")), ("trigger:1", ("trigger:0",))),
        (run("trigger:2", past=("trigger:1",)), ("trigger:2", ("trigger:1",))),
        (run("digest-of-values"), None),
    ],
)
def test_runs_that_stay_are_those_that_happened_by_trigger(last, stays):
    kept = runs_that_stay(recorded("m", runs={"reboot": last})).get("reboot")
    assert (None if kept is None else (kept.key, kept.past)) == stays


def test_record_that_ends_says_nothing_of_its_device():
    device = recorded("m")
    assert not is_over(device, device.identity)
    assert is_over(recorded("m", ends="replaced by p/n"), device.identity)
    assert is_over(device, recorded("m2").identity)


def test_beginning_anew_twice_keeps_what_waits():
    device = begun_anew(recorded("m", resource(**QUEUED)), LATER)
    assert begun_anew(device, LATER).resources == device.resources
