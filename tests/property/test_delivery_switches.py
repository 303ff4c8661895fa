"""Both answers to every open question about the queue: one scenario, whatever the answer, ends the same.

The switches are those that the emulator files under the queue (`GET /_emulator/switches` lists them all), and those
that decide what a deadline, an Execute, a write or a desired value's version means.
"""

import json

import pytest
from proving.fleet import IMEI, PATHS
from proving.history import History

from reconcile.emulator.onenet.switches_queue import SWITCHES as QUEUE
from reconcile.emulator.switches import SWITCHES

BESIDES = (
    *("history_zone", "remain_type", "long_pages", "error_text", "throttle_signal", "coap_dedup", "write_atomic"),
    *("instant_waits", "time_read", "empty_data", "contact_time"),
    *("version_after_clear", "null_version", "set_atomic", "same_value_raises_version", "versions_required"),
    *("versions_subset", "answer_versions", "unset_listed", "unset_version", "desired_error_code", "copy_nonce"),
    *("throttle_code", "throttle_status", "retry_after", "float_text"),
)
NAMES = (*(switch.name for switch in QUEUE), *BESIDES)
NOT_PASSED = {
    (
        "history_zone",
        "utc",
    ): "the pages say Beijing time; a platform of another zone is found by `doctor --prove`, not by a plan",
    ("retry_minimum", "3"): "a queued Execute asks for no retries; the platform that demands three refuses it",
}
"""Answers with which the scenario cannot end the same, and why."""
ANSWERS = [
    (switch.name, choice)
    for switch in SWITCHES
    if switch.name in NAMES
    for choice in switch.choices
    if (switch.name, choice) not in NOT_PASSED
]


@pytest.mark.parametrize(("name", "answer"), ANSWERS, ids=[f"{name}={answer}" for name, answer in ANSWERS])
def test_one_scenario_ends_the_same_whatever_the_answer(name, answer):
    history = History(tuple(PATHS), {name: answer})
    try:
        scenario(history)
        history.finish()
        device = history.site.clouds.world.onenet[IMEI["sleeper"]]
        assert history.holds("sleeper") == {"/3303/0/5603": 9.0, "/3303/0/5604": 7.0, "/1/0/3": 2}
        assert len(device.executions) == 1
        assert not device.waiting
        assert history.holds("listener")["/1/0/3"] == 8
        assert history.holds("lamp") == {"P2": 6}
        assert history.holds("valve") == {"P1": 11}
    finally:
        history.close()


@pytest.mark.parametrize(("name", "answer"), NOT_PASSED)
def test_answers_that_are_left_out_are_those_it_cannot_bear(name, answer):
    with pytest.raises(AssertionError):
        test_one_scenario_ends_the_same_whatever_the_answer(name, answer)


def scenario(history):
    """First contact; a value replaced in the queue, one reverted; a lost answer, a silent device, a cancel too late,
    a cleared desired value, a throttled account, an expired command, a death.
    """

    def want(name, path, value):
        history.git[name][path] = value
        history.told[name, path].append(value)

    sleeper, listener, lamp, valve = PATHS.values()
    want("sleeper", sleeper[0], 1.0)
    want("sleeper", sleeper[2], 2)
    want("listener", listener[1], 3)
    want("lamp", lamp[0], 4)
    want("lamp", lamp[1], 5)
    want("valve", valve[0], 10)
    history.order("trigger")
    history.apply()
    want("sleeper", sleeper[0], 6.5)
    want("lamp", lamp[0], None)
    want("valve", valve[0], None)
    history.apply(faults=[("queue_write", 1, "drop_answer_after_landing"), ("set_desired", 1, "http_500_after")])
    history.wait(70)
    history.radio("device_silent")
    want("sleeper", sleeper[1], 7.0)
    want("listener", listener[1], 8)
    want("lamp", lamp[1], 6)
    want("valve", valve[0], 11)
    history.race("sleeper")
    history.apply(faults=[("write_now", 1, "truncated_body"), ("set_desired", 1, "throttle")])
    want("sleeper", sleeper[0], 9.0)
    history.apply(death=("send", 1, "after"))
    history.wait(300_000)


def test_every_switch_of_the_queue_is_asked_in_all_its_answers():
    world = History(("sleeper",))
    try:
        from reconcile.emulator import Request, handle

        answer = handle(world.site.clouds.world, Request("GET", "/_emulator/switches"), world.site.clouds.now())
        listed = {switch["name"]: switch["choices"] for switch in json.loads(answer.body)}
    finally:
        world.close()
    asked = {*ANSWERS, *NOT_PASSED}
    missing = [
        (name, choice) for name in NAMES for choice in listed.get(name, ["(gone)"]) if (name, choice) not in asked
    ]
    assert not missing
