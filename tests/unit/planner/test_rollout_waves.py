"""Who goes in which wave: the fewest canaries, targets kept to the device, and places that do not move."""

from dataclasses import replace
from itertools import combinations
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.model.device import DeviceRef
from reconcile.model.rollout import Rollout, Wave
from reconcile.planner.rollout_waves import Candidate, Placed, TooManyCanariesError, assign, combination

COVER = ("model", "firmware", "site")
CANARIES = Rollout("p", "d1", (Wave(cover=COVER), Wave(percent=50), Wave(percent=100)))
PLAIN = Rollout("p", "d1", (Wave(percent=10), Wave(count=5), Wave(percent=100)))


def candidate(number, silence_s=None, **labels):
    return Candidate(DeviceRef("onenet-prod", f"m{number}"), labels, silence_s=silence_s)


labels = st.fixed_dictionaries(
    {"model": st.sampled_from("ab"), "firmware": st.sampled_from("12"), "site": st.just("x")}
)
fleets = st.lists(st.tuples(labels, st.none() | st.integers(60, 9000)), min_size=1, max_size=9).map(
    lambda rows: [candidate(n, silence, **each) for n, (each, silence) in enumerate(rows)]
)


@given(fleets)
@settings(max_examples=60)
def test_canaries_are_the_fewest_devices_that_stand_for_all_by_brute_force(fleet):
    def all_covered(group):
        return {combination(COVER, d.labels, d.model) for d in group} == {
            combination(COVER, d.labels, d.model) for d in fleet
        }

    fewest = next(n for n in range(len(fleet) + 1) if any(all_covered(group) for group in combinations(fleet, n)))
    chosen = [device for device in fleet if assign(CANARIES, fleet, [])[device.ref] == 1]
    assert all_covered(chosen)
    assert len(chosen) == fewest


def test_of_devices_alike_the_one_heard_most_often_is_the_canary():
    fleet = [candidate(1, None, site="x"), candidate(2, 3600, site="x"), candidate(3, 600, site="x")]
    assert assign(CANARIES, fleet, [])[fleet[2].ref] == 1


def test_a_canary_that_proved_silent_is_replaced_and_one_that_was_sent_is_not():
    fleet = [candidate(1, site="x"), candidate(2, site="y")]
    gone = Placed(DeviceRef("onenet-prod", "m9"), 1, {"site": "x"}, is_parked=True)
    sent = Placed(DeviceRef("onenet-prod", "m8"), 1, {"site": "y"})
    waves = assign(CANARIES, fleet, [gone, sent])
    assert waves[fleet[0].ref] == 1
    assert waves[fleet[1].ref] > 1


def test_a_wave_counts_what_is_sent_up_to_it_is_rounded_up_and_gives_a_silent_device_s_place_away():
    def sizes(*before):
        waves = list(assign(PLAIN, [candidate(n) for n in range(11)], before).values())
        return [waves.count(number) for number in (1, 2, 3)]

    one = Placed(DeviceRef("onenet-prod", "s"), 1, {})
    assert sizes() == [2, 3, 6]
    assert sizes(one) == [1, 3, 7]
    assert sizes(replace(one, wave=2)) == [2, 2, 7]
    assert sizes(replace(one, is_parked=True)) == [2, 3, 6]


def test_more_combinations_than_allowed_cannot_be_planned():
    rollout = Rollout("p", "d", (Wave(cover=("site",), at_most=1), Wave(percent=100)))
    with pytest.raises(TooManyCanariesError) as caught:
        assign(rollout, [candidate(1, site="x"), candidate(2, site="y")], [])
    assert caught.value.args == (2, 1)


def test_a_label_orders_devices_before_chance_does():
    rollout = Rollout("p", "d", (Wave(count=2), Wave(percent=100)), order=("ring", ("lab", "pilot")))
    fleet = [candidate(n, ring=ring) for n, ring in enumerate(["x", "pilot", "x", "lab"])]
    waves = assign(rollout, fleet, [])
    assert [waves[device.ref] for device in fleet] == [2, 1, 2, 1]


@given(st.integers(1, 120), st.integers(0, 40), st.integers(0, 20))
@settings(max_examples=60)
def test_no_wave_ever_holds_more_than_it_may_and_places_do_not_move(waiting, sent, parked):
    fleet = [candidate(n) for n in range(waiting)]
    before = [Placed(DeviceRef("onenet-prod", f"s{n}"), 1 + n % 3, {}, is_parked=n < parked) for n in range(sent)]
    waves = assign(PLAIN, fleet, before)
    assert set(waves) == {device.ref for device in fleet}
    allowed = 0
    for number, target in ((1, ceil((waiting + sent) / 10)), (2, 5)):
        held = sum(device.wave <= number and not device.is_parked for device in before)
        allowed = max(allowed, target - held)
        assert sum(wave <= number for wave in waves.values()) <= allowed
    first = [device for device in fleet if waves[device.ref] == 1]
    rest = [device for device in fleet if waves[device.ref] != 1]
    after = assign(PLAIN, rest, [*before, *(Placed(device.ref, 1, {}) for device in first)])
    assert after == {ref: wave for ref, wave in waves.items() if wave != 1}
