"""Desired properties over real sockets: the seed page's call, its version rule, and every outcome of a write."""

from __future__ import annotations

import pytest
from aliyun_rig import KEYS, STAMP, Names, control, emulator, faults, use

from reconcile.model.actions import CancelQueued, ClearDesired, SetDesired, Write
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.errors import CallFailed, Conflict, InDoubt, NotSent, Refused
from reconcile.model.observed import Look
from reconcile.model.values import ABSENT, UNKNOWN

REF = DeviceRef("aliyun-test", "lamp-17")
LAMP = Identity.of(productKey="a1BwAGVxxxx", deviceName="lamp-17")
FREE = Identity.of(productKey="a1BwAGVxxxx", deviceName="free")
TIDY = Identity.of(productKey="a1BwAGVxxxx", deviceName="tidy")
NOBODY = Identity.of(productKey="a1BwAGVxxxx", deviceName="nobody")


def one(path, value, version):
    return SetDesired((Write(path, value),), ((path, version),))


def send(url, identity, *actions, spec=None, names=None):
    async def work(client):
        return [await client.send(identity, action, STAMP) for action in actions]

    return use(url, work, spec, names)


def look(url, identity=LAMP, paths=("Temperature",), **wants):
    return use(url, lambda client: client.observe(REF, identity, Look(paths=paths, **wants)))


def mutations(url):
    return [entry for entry in control(url, "log?after=0") if entry["mutating"]]


@pytest.fixture
def url():
    with emulator() as running:
        yield running.url


@pytest.mark.parametrize(
    "spec",
    [
        {"signature": "acs3"},
        {"signature": "v1"},
        {"signature": "v1", "format": "xml"},
        {"signature": "acs3", "instanceId": "iot-060a1234", "extraParameters": {"ServiceCode": "iot"}},
        {"signature": "v1", "instanceId": "iot-060a1234", "extraParameters": {"ServiceCode": "iot"}},
    ],
    ids=str,
)
@pytest.mark.parametrize("token", [None, "emulator-sts"])
def test_first_set_names_version_0_and_the_second_version_1(url, spec, token):
    names = Names(**KEYS, **({"securityToken": token} if token else {}))
    first, second = send(url, LAMP, one("Temperature", 35.0, 0), one("Temperature", 36.5, 1), spec=spec, names=names)
    assert (first.versions, second.versions) == ({"Temperature": 1}, {"Temperature": 2})
    assert first.evidence["messageId"]
    seen = look(url, wants_cloud=True).resources["Temperature"]
    assert (seen.cloud, seen.version) == ("36.5", 2)
    assert [entry["precondition"] for entry in mutations(url)] == [
        {"Versions": {"Temperature": 0}},
        {"Versions": {"Temperature": 1}},
    ]


def test_instance_id_and_extra_parameters_travel_with_every_call(url):
    spec = {"instanceId": "iot-060a1234", "extraParameters": {"Expiration": "60"}}
    send(url, LAMP, one("Temperature", 35.0, 0), spec=spec)
    assert mutations(url)[0]["landed"] is True


@pytest.mark.parametrize("value", [1e16, 1e-7, -0.0, 35.0, 1.5e299])
def test_every_float_is_written_with_a_decimal_point(url, value):
    assert send(url, LAMP, one("Temperature", value, 0))[0].versions == {"Temperature": 1}


@pytest.mark.parametrize(
    "spec", [{"signature": "acs3"}, {"signature": "v1"}, {"signature": "v1", "format": "xml"}], ids=str
)
@pytest.mark.parametrize("text", ["a b+c%2Fd&e=f~*", "读数 <&>", "x" * 4000, '\\"\n\t'])
def test_any_text_arrives_as_it_was(url, spec, text):
    send(url, FREE, one("Alias", text, 0), spec=spec)
    assert look(url, FREE, ("Alias",), wants_cloud=True).resources["Alias"].cloud == text
    control(url, "reset", {})


def test_stale_version_is_a_conflict(url):
    send(url, LAMP, one("Temperature", 35.0, 0))
    with pytest.raises(Conflict, match="Temperature is at 1, expected 0"):
        send(url, LAMP, one("Temperature", 20.0, 0))


def test_set_that_an_earlier_copy_already_made_is_adopted(url):
    send(url, LAMP, one("Temperature", 35.0, 0))
    (again,) = send(url, LAMP, one("Temperature", 35.0, 0))
    assert again.versions == {"Temperature": 1}
    assert again.evidence["adopted"] is True


def test_value_the_model_refuses_is_a_refusal_because_no_version_moved(url):
    with pytest.raises(Refused) as refused:
        send(url, LAMP, one("Brightness", 500, 0))
    assert refused.value.retry_after_s is None
    assert "compare it with the published thing model" in str(refused.value)
    assert mutations(url)[0]["landed"] is False


def test_set_applied_in_part_is_a_conflict():
    with emulator(set_atomic="no") as running:
        both = SetDesired(
            (Write("Brightness", 500), Write("Temperature", 1.0)), (("Brightness", 0), ("Temperature", 0))
        )
        with pytest.raises(Conflict, match="Temperature is at 1, expected 0"):
            send(running.url, LAMP, both)


@pytest.mark.parametrize("null_version", ["zero", "keeps", "counts"])
def test_null_clears_under_the_version_check(null_version):
    with emulator(null_version=null_version) as running:
        send(running.url, LAMP, one("Temperature", 35.0, 0))
        with pytest.raises(Conflict):
            send(running.url, LAMP, one("Temperature", None, 7))
        (cleared,) = send(running.url, LAMP, one("Temperature", None, 1))
        expected = {"zero": 0, "keeps": 1, "counts": 2}[null_version]
        assert cleared.versions == {"Temperature": expected}
        seen = look(running.url, wants_cloud=True).resources["Temperature"]
        assert (seen.cloud, seen.version) == (ABSENT, expected)


def test_clear_sends_its_identifiers_in_the_body(url):
    send(url, LAMP, one("Temperature", 35.0, 0), one("Brightness", 5, 0))
    for spec in ({"signature": "acs3"}, {"signature": "v1"}):
        (cleared,) = send(url, LAMP, ClearDesired(("Brightness", "Temperature")), spec=spec)
        assert cleared.versions == {"Brightness": 0, "Temperature": 0}


@pytest.mark.parametrize("fault", ["drop_answer_after_landing", "http_500_after", "truncated_body", "garbled_body"])
def test_lost_answer_is_in_doubt_and_nothing_is_sent_again(url, fault):
    faults(url, "set_desired", fault)
    with pytest.raises(InDoubt):
        send(url, LAMP, one("Temperature", 35.0, 0))
    assert [entry["landed"] for entry in mutations(url)] == [True]


def test_connection_closed_before_landing_is_in_doubt_not_unsent(url):
    faults(url, "set_desired", "drop_before_landing")
    with pytest.raises(InDoubt):
        send(url, LAMP, one("Temperature", 35.0, 0))


def test_nobody_listening_is_not_sent():
    with emulator() as running:
        dead = running.url
    with pytest.raises(NotSent):
        send(dead, LAMP, one("Temperature", 35.0, 0))


def test_throttled_set_is_refused_with_a_pause_and_not_repeated(url):
    faults(url, "set_desired", "throttle")
    with pytest.raises(Refused) as refused:
        send(url, LAMP, one("Temperature", 35.0, 0))
    assert refused.value.retry_after_s == 1.0
    assert refused.value.vendor_code == "Throttling.User"
    assert len(mutations(url)) == 1


def test_throttled_read_is_asked_again(url):
    faults(url, "query_desired", "throttle")
    heard = []
    seen = use(
        url,
        lambda client: client.observe(REF, LAMP, Look(paths=("Temperature",), wants_cloud=True)),
        throttled=lambda: heard.append("query_desired"),
    )
    assert (seen.problem, heard) == (None, ["query_desired"])


def test_system_exception_of_a_set_is_in_doubt(url):
    faults(url, "set_desired", "errno_after:iot.system.SystemException")
    with pytest.raises(InDoubt):
        send(url, LAMP, one("Temperature", 35.0, 0))


def test_code_nobody_documents_is_settled_by_what_is_there(url):
    faults(url, "set_desired", "errno_after:iot.unheard.Of")
    (adopted,) = send(url, LAMP, one("Temperature", 35.0, 0))
    assert (adopted.versions, adopted.evidence["adopted"]) == ({"Temperature": 1}, True)


def test_undecided_set_without_versions_stays_in_doubt(url):
    faults(url, "set_desired", "errno_after:iot.unheard.Of")
    with pytest.raises(InDoubt):
        send(url, LAMP, SetDesired((Write("Temperature", 35.0),), ()))


@pytest.mark.parametrize("signature", ["acs3", "v1"])
def test_wrong_secret_is_refused_and_no_key_shows(url, signature):
    names = Names(accessKeyId="emulator-ak", accessKeySecret="not-the-secret")
    with pytest.raises(Refused) as refused:
        send(url, LAMP, one("Temperature", 35.0, 0), spec={"signature": signature}, names=names)
    assert str(refused.value) == "SignatureDoesNotMatch. Check accessKeySecret and `signature`"


def test_wrong_own_clock_is_corrected_by_the_cloud(url):
    control(url, "clock", {"advance_s": 86_400})
    (accepted,) = send(url, LAMP, one("Temperature", 35.0, 0))
    assert accepted.versions == {"Temperature": 1}


def test_clock_is_learned_from_any_answer(url):
    control(url, "clock", {"advance_s": 86_400})

    async def work(client):
        await client.learn_clock(NOBODY)
        return client.server_now()

    server_now = use(url, work)
    assert server_now.isoformat()[:10] == "2026-11-23"


def test_unknown_device_is_a_problem_of_that_device(url):
    seen = look(url, NOBODY, wants_cloud=True, wants_reported=True, wants_uplink=True)
    assert seen.problem is not None
    assert seen.problem.startswith("iot.device.NotExistedDevice")
    assert seen.resources == {}
    with pytest.raises(Refused):
        send(url, NOBODY, one("Temperature", 35.0, 0))


def test_property_never_set_is_absent_at_version_0_and_was_never_reported(url):
    seen = look(url, paths=("Brightness", "Temperature"), wants_cloud=True)
    assert {(r.cloud, r.version, r.reported) for r in seen.resources.values()} == {(ABSENT, 0, ABSENT)}
    assert seen.is_online is UNKNOWN


def test_reported_value_is_not_asked_for_while_the_desired_one_is_there(url):
    send(url, LAMP, one("Brightness", 60, 0))
    control(url, "clock", {"advance_s": 5})
    seen = look(url, paths=("Brightness",), wants_cloud=True).resources["Brightness"]
    assert (seen.cloud, seen.reported) == ("60", UNKNOWN)


def test_device_that_deletes_what_it_applied_is_looked_at_more_closely(url):
    send(url, TIDY, one("Brightness", 60, 0))
    control(url, "clock", {"advance_s": 5})
    seen = look(url, TIDY, ("Brightness",), wants_cloud=True).resources["Brightness"]
    assert (seen.cloud, seen.reported) == (ABSENT, "60")
    assert seen.reported_at is not None


def test_reported_value_that_cannot_be_read_is_unknown_and_no_problem(url):
    faults(url, "property_status", "errno:iot.device.NotExistedDevice")
    seen = look(url, paths=("Brightness",), wants_cloud=True)
    assert seen.problem is None
    assert (seen.resources["Brightness"].cloud, seen.resources["Brightness"].reported) == (ABSENT, UNKNOWN)


def test_device_that_is_online_reports_what_was_set(url):
    send(url, LAMP, one("Brightness", 60, 0))
    control(url, "clock", {"advance_s": 5})
    seen = look(url, paths=("Brightness",), wants_cloud=True, wants_reported=True, wants_uplink=True)
    assert seen.resources["Brightness"].reported == "60"
    assert seen.resources["Brightness"].reported_at is not None
    assert seen.is_online is True
    assert seen.last_uplink is not UNKNOWN


@pytest.mark.parametrize("identifier", ["bare", "prefixed"])
def test_module_properties_are_set_with_prefix_and_read_by_block(identifier):
    with emulator(module_identifier=identifier) as running:
        paths = ("Energy:period", *(f"P{number}" for number in range(12)))
        send(running.url, FREE, one("Energy:period", 300, 0), one("P3", 1, 0))
        seen = look(running.url, FREE, paths, wants_cloud=True)
        assert (seen.resources["Energy:period"].cloud, seen.resources["Energy:period"].version) == ("300", 1)
        assert (seen.resources["P3"].cloud, seen.resources["P3"].version) == ("1", 1)


def test_iot_id_alone_names_a_device(url):
    iot_id = control(url, "devices/aliyun/a1BwAGVxxxx/lamp-17")["iotId"]
    (accepted,) = send(url, Identity.of(iotId=iot_id), one("Temperature", 35.0, 0))
    assert accepted.versions == {"Temperature": 1}


def test_secret_is_put_in_place_of_its_marker_only_on_the_wire(url):
    marker = {"$secret": {"env": "WIFI", "digest": "abc"}}
    send(url, FREE, one("Password", marker, 0), names=Names(**KEYS, WIFI="hunter2"))
    assert look(url, FREE, ("Password",), wants_cloud=True).resources["Password"].cloud == "hunter2"


def test_text_that_is_not_unicode_is_refused_before_anything_is_sent(url):
    with pytest.raises(CallFailed):
        send(url, FREE, one("Alias", "\ud800", 0))
    assert mutations(url) == []


def test_action_of_another_platform_is_our_bug(url):
    with pytest.raises(ValueError, match="cancel_queued"):
        send(url, LAMP, CancelQueued("uuid", ()))
