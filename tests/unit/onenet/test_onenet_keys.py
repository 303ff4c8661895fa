"""Keys that change while a client lives: read as one issue, asked for again once when the platform refuses them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from canned_cloud import ACCESS_KEY, IMEI, Replies, canned, no_pace

from reconcile.model.device import Identity
from reconcile.model.diagnostic import NOWHERE
from reconcile.model.errors import NotSent, ReconcileError, Refused
from reconcile.platforms.onenet import PLATFORM
from reconcile.platforms.onenet.client import OneNetClient
from reconcile.ports import ClientSettings, PlatformConfig

ME = Identity.of(imei=IMEI)
BY_IMEI = f"GET /devices/getbyimei?imei={IMEI}"
DEVICE = {"errno": 0, "data": {"id": "5", "online": True}}
REFUSED = {"errno": 3, "error": "token鉴权失败"}
OTHER_KEY = "b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXItMDE="


class Issues:
    """Keys that are issued one set after the other."""

    def __init__(self, *issues):
        self.issues, self.number, self.asked = issues, 0, 0

    def get(self, name):
        return self.issues[self.number].get(name)

    def issue(self):
        if self.issues[self.number].get("is_over"):
            raise NotSent("the keys expired")
        return self.number

    def renew(self, refused):
        self.asked += 1
        if refused == self.number and self.number + 1 < len(self.issues):
            self.number += 1
        return refused != self.number

    def resolve(self, marker):
        raise AssertionError(marker)


def talk(issues, answers, calls=1, **credentials):
    """Looks for a device some times; the `api-key` and tokens that were used."""
    credentials = credentials or {"masterKey": {"env": "M"}}
    api = "classic" if "masterKey" in credentials else "current"

    async def run():
        async with canned(answers) as cloud:
            spec = {"instant": {"api": api}, "cached": {"api": api}, "credentials": credentials}
            config = PlatformConfig("p", "onenet", spec, 100.0, NOWHERE)
            made = ClientSettings(config, issues, issues, cloud.url, no_pace, lambda: datetime.now(UTC), lambda: "n")
            client = OneNetClient.open(made)
            try:
                for _ in range(calls):
                    await client.directory.brief(IMEI)
            finally:
                await client.close()
            return [one.headers.get("api-key") or one.headers.get("authorization") for one in cloud.asked]

    return asyncio.run(run())


def test_refused_keys_are_asked_for_again_once():
    issues = Issues({"masterKey": "first"}, {"masterKey": "second"})
    assert talk(issues, {BY_IMEI: Replies([REFUSED, DEVICE])}) == ["first", "second"]


def test_when_there_are_no_others_the_refusal_stands():
    issues = Issues({"masterKey": "first"})
    with pytest.raises(Refused, match="鉴权"):
        talk(issues, {BY_IMEI: REFUSED})
    assert issues.asked == 1


def test_new_keys_that_are_refused_too_are_not_tried_for_ever():
    issues = Issues({"masterKey": "first"}, {"masterKey": "second"}, {"masterKey": "third"})
    with pytest.raises(Refused):
        talk(issues, {BY_IMEI: REFUSED})
    assert issues.number == 1


def test_a_refusal_of_another_kind_renews_nothing():
    issues = Issues({"masterKey": "first"}, {"masterKey": "second"})
    with pytest.raises(Refused):
        talk(issues, {BY_IMEI: {"errno": 8, "error": "not found"}})
    assert issues.asked == 0


def test_keys_of_one_issue_are_never_mixed():
    """Access key and resource change together."""
    first, second = ({"accessKey": key, "resource": f"userid/{n}"} for n, key in ((1, ACCESS_KEY), (2, OTHER_KEY)))
    issues = Issues(first, second)
    detail = f"GET /device/detail?product_id=0&imei={IMEI}"
    refused = {"code": 10403, "msg": "authentication failed"}
    named = {"accessKey": {"env": "A"}, "resource": {"env": "R"}}
    tokens = talk(issues, {detail: Replies([refused, {"code": 0, "data": {"id": "5"}}])}, **named)
    assert ["userid%2F1" in tokens[0], "userid%2F2" in tokens[1]] == [True, True]


def test_expired_keys_are_never_sent():
    issues = Issues({"masterKey": "first"}, {"masterKey": "second", "is_over": True})
    with pytest.raises(NotSent, match="expired"):
        talk(issues, {BY_IMEI: Replies([REFUSED, DEVICE])})


def test_a_provider_issues_everything():
    issues = Issues({"accessKey": ACCESS_KEY})
    detail = f"GET /device/detail?product_id=0&imei={IMEI}"
    (token,) = talk(issues, {detail: {"code": 0, "data": {"id": "5"}}}, provider="my-oidc", resource="userid/7")
    assert "userid%2F7" in token
    with pytest.raises(ReconcileError, match="resource") as failed:
        talk(Issues({"accessKey": ACCESS_KEY}), {}, provider="my-oidc")
    assert failed.value.code == "RCL411"


@pytest.mark.parametrize(
    ("apis", "credentials", "needed"),
    [
        (("current", "current"), {"provider": "my-oidc", "resource": "userid/1"}, ("accessKey",)),
        (("studio", "classic"), {"provider": "my-oidc", "resource": "userid/1"}, ("accessKey", "masterKey")),
        (("current", "current"), {"accessKey": {"env": "A"}, "resource": {"env": "R"}}, ("accessKey", "resource")),
        (("current", "current"), {"accessKey": {"env": "A"}, "resource": "userid/1"}, ("accessKey",)),
    ],
)
def test_what_is_asked_for(apis, credentials, needed):
    spec = {"instant": {"api": apis[0]}, "cached": {"api": apis[1]}, "credentials": credentials}
    config = PlatformConfig("p", "onenet", spec, 1.0, NOWHERE)
    assert list(PLATFORM.dialect.check_config(config)) == []
    assert PLATFORM.credential_names(config) == needed
