"""What a device answered is read back before the step that depends on it."""

from dataclasses import replace

import pytest
from apply_fakes import ALARM, TEMPERATURE, Bench, planned, write_now

from reconcile.model.actions import Write
from reconcile.model.observed import ObservedResource
from reconcile.model.recorded import DeliveryState
from reconcile.model.values import ABSENT, UNKNOWN


def chain():
    device = planned(write_now(), write_now(Write(ALARM, 45.0)), after={2: (1,)})
    first, second = device.steps
    return replace(device, steps=(first, replace(second, confirmed=(TEMPERATURE,))))


def outcome(told):
    bench = Bench(chain())
    bench.client.resources = {} if told is None else {TEMPERATURE: ObservedResource(reported=told)}
    tally = bench.execute()
    return bench, tally


def test_the_plan_counts_the_read():
    device = chain()
    assert device.calls == 3
    again = replace(device, steps=(*device.steps, replace(device.steps[1], id="s3")))
    assert again.calls == 4, "what was read once is not read again"


def test_what_the_device_holds_is_confirmed_by_its_own_word():
    bench, tally = outcome(-10.0)
    assert [action.kind for action, _ in bench.client.sent] == ["write_now"] * 2
    assert bench.record.resources[TEMPERATURE].confirmed_by == "read-back"
    assert tally.is_complete
    assert bench.client.looks == 1


def test_a_device_that_keeps_another_value_is_sent_nothing_that_depends_on_it():
    bench, tally = outcome(-5.0)
    assert [action.writes[0].path for action, _ in bench.client.sent] == [TEMPERATURE]
    assert bench.record.resources[TEMPERATURE].delivery is DeliveryState.FAILED
    assert ALARM not in bench.record.resources
    assert (tally.blocked, tally.is_complete, bench.record.digest) == (1, False, None)


@pytest.mark.parametrize("told", [None, UNKNOWN, ABSENT])
def test_a_device_that_tells_nothing_leaves_its_answer_standing(told):
    bench, tally = outcome(told)
    assert len(bench.client.sent) == 2
    assert tally.is_complete
    assert bench.record.resources[TEMPERATURE].confirmed_by == "answer"
