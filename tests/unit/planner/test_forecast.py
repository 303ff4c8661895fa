"""A forecast is what the uplinks of before say, and says so where they say nothing."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.desired import Command, Delivery, DeliveryMode, DesiredDocument, DesiredResource
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.fleet import DesiredDevice
from reconcile.model.forecast import Forecast, Later
from reconcile.model.recorded import RecordedDevice
from reconcile.platforms import registry
from reconcile.report.foreseen import foreseen
from reconcile.report.messages import translate
from reconcile.testing.fleets import NOON, Truths, plan_of

ONENET = {"onenet-prod": registry.find("onenet").dialect}
QUEUE = Delivery(DeliveryMode.QUEUE, valid_after_s=60, expire_after_s=259_200)


def meter(number, delivery=QUEUE):
    document = DesiredDocument.build((DesiredResource("/3303/0/5603", 1.0),), (), delivery)
    identity = Identity.of(imei=f"86{number:013}")
    return DesiredDevice(Device(DeviceRef("onenet-prod", f"meter-{number:04}"), identity, {}), document)


def known(device, age_s, *silences_s):
    return RecordedDevice(
        device.device.ref,
        device.device.identity,
        last_uplink=NOON - timedelta(seconds=age_s),
        silences_s=silences_s,
    )


def plan(devices, records):
    return plan_of(Truths(devices, ONENET, recorded=records))


def forecast(devices, records):
    return plan(devices, records).summary.forecast


@given(st.lists(st.tuples(st.integers(120, 90_000), st.integers(0, 200_000)), min_size=1, max_size=30))
def test_of_devices_that_keep_their_rhythm_it_is_right_to_the_second(rhythms):
    devices = [meter(n) for n in range(len(rhythms))]
    records = [known(d, age_s, every_s) for d, (every_s, age_s) in zip(devices, rhythms, strict=True)]
    actual = []
    for every_s, age_s in rhythms:
        uplink_s = -age_s
        while uplink_s < 60:  # valid_after: an earlier uplink releases nothing
            uplink_s += every_s
        actual.append(uplink_s)
    actual.sort()
    told = forecast(devices, records)
    assert (told.devices, told.unknown, told.outlive) == (len(rhythms), 0, 0)
    assert told.half_s == actual[-(-len(actual) * 50 // 100) - 1]
    assert told.most_s == actual[-(-len(actual) * 99 // 100) - 1]


@given(
    st.lists(st.lists(st.integers(60, 500_000), max_size=5), min_size=1, max_size=12),
    st.randoms(use_true_random=False),
)
def test_it_counts_every_device_once_and_does_not_depend_on_their_order(silences, shuffler):
    devices = [meter(n) for n in range(len(silences))]
    records = [known(d, 30, *each) for d, each in zip(devices, silences, strict=True)]
    told = forecast(devices, records)
    shuffler.shuffle(devices)
    shuffler.shuffle(records)
    assert forecast(devices, records) == told
    assert told.unknown == sum(not each for each in silences)
    assert told.outlive <= told.known
    times = [at for at in (told.half_s, told.most_s) if at is not None]
    assert times == sorted(times)
    assert all(at < QUEUE.expire_after_s for at in times)


def test_nothing_known_is_said_as_such():
    assert forecast([meter(1)], []) == Forecast(devices=1, unknown=1)


def test_what_the_manifests_state_stands_in_until_uplinks_are_known():
    stated = meter(1, replace(QUEUE, wakes_every_s=3_600))
    assert forecast([stated], []) == Forecast(1, 0, half_s=60 + 1_800, most_s=60 + 3_600)
    assert forecast([stated], [known(stated, 600, 7_200)]).half_s == 6_600
    assert forecast([stated], [known(stated, 600)]).half_s == 3_000


def test_a_command_that_only_a_registration_releases_is_not_foreseen_from_other_uplinks():
    device = meter(1, replace(QUEUE, trigger=("register",)))
    assert forecast([device], [known(device, 30, 600)]).unknown == 1


def test_what_is_not_heard_in_time_outlives_its_expiry():
    device = meter(1, replace(QUEUE, expire_after_s=600))
    told = forecast([device], [known(device, 0, 86_400)])
    assert told == Forecast(1, 0, half_s=None, most_s=None, outlive=1)


def test_what_waits_for_its_turn_takes_an_uplink_more_for_each_link_of_its_chain():
    first, second = DesiredResource("/3303/0/5603", 1.0), DesiredResource("/3303/0/5604", 2.0, after=("/3303/0/5603",))
    commands = (
        Command("prepare", "/3/0/12", before=("/3303/0/5603",)),
        Command("last", "/3/0/4", after=("/3303/0/5604",), waits_for_confirmation=True),
    )
    document = DesiredDocument.build((first, second), commands, QUEUE)
    chained = replace(meter(1), document=document)
    told = forecast([chained, meter(2)], [known(chained, 600, 3_600), known(meter(2), 600, 3_600)])
    assert (told.half_s, told.most_s) == (3_000, 3_000), "what the plan itself sends"
    assert told.later == Later(devices=1, turns=3, all_s=3_000 + 3 * 3_600)
    assert Forecast.from_json(told.to_json()) == told
    said = foreseen(plan([chained], [known(chained, 600, 3_600)]), translate("en"))
    assert said[1] == (
        "More waits for its turn on 1 device, up to 3 uplinks more with a run before each: "
        "99 % of all will hold everything after about 3h 50m."
    )
    seldom = forecast([chained], [known(chained, 600, QUEUE.expire_after_s + 600)])
    assert (seldom.most_s, seldom.later.all_s) == (None, None)


def test_it_decides_nothing():
    device = meter(1)
    heard = plan([device], [known(device, 30, 600)])
    unheard = plan([device], [replace(known(device, 30), last_uplink=None)])
    assert heard.summary.forecast != unheard.summary.forecast
    assert heard.digest == unheard.digest
