"""What `doctor` makes of every answer that the pages name: each trouble has its own word, and none stops the other calls."""

from __future__ import annotations

import asyncio

import pytest
from aliyun_rig import BORN, POPULATION, control, settings

from reconcile.emulator import EmulatorThread, World
from reconcile.emulator.aliyun.errors import BUSINESS, GATEWAY
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.examination import Bearing, Mark, Subject
from reconcile.platforms.aliyun import PLATFORM
from reconcile.platforms.aliyun.config import read_options
from reconcile.platforms.aliyun.doctor_listing import listing_questions
from reconcile.platforms.aliyun.gateway import Gateway
from reconcile.report.doctor_english import ENGLISH

LAMP = Identity.of(productKey="a1BwAGVxxxx", deviceName="lamp-17")
KNOWN = {
    "SignatureDoesNotMatch": "signature.wrong_secret",
    "IncompleteSignature": "signature.incomplete",
    "InvalidAccessKeyId.NotFound": "signature.unknown_key",
    "InvalidAccessKeyId.Inactive": "signature.disabled_key",
    "Forbidden.AccessKeyDisabled": "signature.disabled_key",
    "InvalidSecurityToken.Expired": "signature.sts_expired",
    "InvalidSecurityToken.Malformed": "signature.sts_malformed",
    "InvalidSecurityToken.Surprise": "signature.other",
    "InvalidTimeStamp.Expired": "signature.late",
    "InvalidTimeStamp.Format": "signature.late",
    "SignatureNonceUsed": "signature.replayed",
    "NoPermission": "permissions.refused",
    "Forbidden.RAM": "permissions.refused",
    "iot.common.RamActionPermissionDeny": "permissions.refused",
    "iot.system.InstanceNotFound": "account.instance",
    "iot.Sre.IotInstanceNotFound": "account.instance",
    "iot.system.UidNotFound": "account.not_activated",
    "Iot.system.BillIsOverDue": "account.overdue",
    "iot.common.AuthActionPermissionDeny": "account.foreign_device",
    "iot.device.NotExistedDevice": "account.unknown_device",
    "iot.prod.NotExistedProduct": "account.unknown_device",
    "Throttling.User": "quota.throttled",
    "Throttling.Api": "quota.throttled",
    "iot.messagebroker.RateLimit": "quota.throttled",
    "Surprise": "answer.unexpected",
}
FIRST, SECOND = "device_status", "query_desired"


@pytest.fixture(scope="module")
def url():
    with EmulatorThread(World.from_records(POPULATION, now=BORN)) as running:
        yield running.url


def probed(url, operation, fault, samples=(LAMP,)):
    """(call, key, mark) of each finding of a probe in which that call is struck."""

    async def run():
        setting = settings(url)
        return await PLATFORM.examiner(setting.config, url).probe(setting, samples, None)

    control(url, "faults", {"rules": [{"match": {"operation": operation}, "fault": fault}]})
    try:
        findings = asyncio.run(run()).findings
    finally:
        control(url, "faults", {"rules": []})
    return [(each.values.get("call"), each.key, each.mark) for each in findings]


@pytest.mark.parametrize(("code", "key"), KNOWN.items())
def test_every_trouble_has_its_own_word_and_says_what_to_do(url, code, key):
    found = probed(url, SECOND, f"errno:{code}")
    told = [(call, one, mark) for call, one, mark in found if mark is not Mark.OK]
    expected = Mark.WARNING if key == "quota.throttled" else Mark.PROBLEM
    assert told == [("QueryDeviceDesiredProperty", key, expected)]
    assert f"{key}.do" in ENGLISH
    # Trouble with the keys ends the questions, any other leaves the third call its turn.
    assert (("QueryDevicePropertyStatus", "permissions.granted", Mark.OK) in found) is not key.startswith("signature.")
    assert ("GetDeviceStatus", "signature.accepted", Mark.OK) in found


@pytest.mark.parametrize("code", sorted({*GATEWAY, *BUSINESS} - KNOWN.keys()))
def test_any_other_code_of_the_tables_is_told_as_it_is(url, code):
    (finding,) = [each for each in probed(url, SECOND, f"errno:{code}") if each[2] is not Mark.OK]
    assert finding[1] in ("answer.unexpected", "account.unknown_device", "quota.throttled")


@pytest.mark.parametrize(
    ("fault", "key"), [("garbled_body", "answer.unusable"), ("drop_before_landing", "answer.unusable")]
)
def test_an_answer_of_no_use_ends_the_questions(url, fault, key):
    assert probed(url, FIRST, fault) == [("GetDeviceStatus", key, Mark.PROBLEM)]


@pytest.mark.parametrize(("listed", "path", "expected"), [
    ("yes", "Temperature", ("yes", Mark.OK)),
    ("no", "Temperature", ("no", Mark.OK)),
    ("no", "Gone", ("no_unset", Mark.SKIPPED)),
])  # fmt: skip
def test_a_property_that_the_published_model_lacks_proves_nothing_by_not_being_listed(url, listed, path, expected):
    """The model at hand may be older than the one in force."""
    subject = Subject(DeviceRef("aliyun-test", "lamp-17"), LAMP, Bearing("Brightness", 5, None, 1), unset_path=path)

    async def run():
        setting = settings(url)
        gateway = Gateway(setting, read_options(setting.config.spec, url))
        try:
            return await listing_questions(gateway, subject, [], set())
        finally:
            await gateway.close()

    control(url, "switches", {"unset_listed": listed})
    (found,) = [each for each in asyncio.run(run()) if each.question == "aliyun.unset_listed"]
    assert (found.answer, found.mark) == expected


def test_without_a_device_nothing_is_asked(url):
    seen = len(control(url, "log"))
    assert probed(url, FIRST, "garbled_body", samples=()) == [(None, "signature.no_device", Mark.SKIPPED)]
    assert len(control(url, "log")) == seen
