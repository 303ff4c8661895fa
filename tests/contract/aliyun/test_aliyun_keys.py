"""Keys that change while a client lives, against the emulator's real signatures."""

from __future__ import annotations

import asyncio

import pytest
from aliyun_rig import KEYS, STAMP, Names, emulator, settings

from reconcile.model.actions import SetDesired, Write
from reconcile.model.device import Identity
from reconcile.model.errors import NotSent, Refused
from reconcile.platforms.aliyun import PLATFORM

LAMP = Identity.of(productKey="a1BwAGVxxxx", deviceName="lamp-17")
ACTION = SetDesired((Write("Brightness", 35),), (("Brightness", 0),))
STS = {**KEYS, "securityToken": "emulator-sts"}
ENDED = {**KEYS, "securityToken": "ended"}
ROTATED = {"accessKeyId": "rotated-away", "accessKeySecret": "emulator-secret"}
WRONG = {**KEYS, "accessKeySecret": "wrong"}


class Issues(Names):
    """Keys that are issued one set after the other."""

    def __init__(self, *issues):
        super().__init__()
        self.issues, self.number, self.is_over = issues, 0, False
        self.asked = []

    def get(self, name):
        return self.issues[self.number].get(name)

    def issue(self):
        if self.is_over:
            raise NotSent("the keys expired")
        return self.number

    def renew(self, refused):
        self.asked.append(refused)
        if refused == self.number and self.number + 1 < len(self.issues):
            self.number += 1
        return refused != self.number


def send(names, *, between=lambda: None):
    """Two sets with those keys; the outcome of the second, and how many requests the cloud saw."""

    async def run(url):
        client = PLATFORM.open(settings(url, names=names))
        try:
            await client.send(LAMP, ACTION, STAMP)
            between()
            return await client.send(LAMP, SetDesired((Write("Brightness", 36),), (("Brightness", 1),)), STAMP)
        finally:
            await client.close()

    with emulator() as running:
        try:
            outcome = asyncio.run(run(running.url))
        except (NotSent, Refused) as exc:
            outcome = exc
        return outcome, len(running.world.log.entries)


@pytest.mark.parametrize("old", [ENDED, ROTATED])
def test_refused_keys_are_asked_for_again_and_the_request_is_signed_anew_once(old):
    names = Issues(old, STS)
    accepted, requests = send(names)
    assert accepted.versions == {"Brightness": 2}
    assert names.asked == [0]
    assert requests == 3  # the refused one, its second signature, and the next set


def test_where_there_are_no_others_the_refusal_stands():
    names = Issues(ENDED)
    refused, requests = send(names)
    assert isinstance(refused, Refused)
    assert refused.vendor_code.startswith("InvalidSecurityToken")
    assert requests == 1


def test_others_that_are_refused_too_are_not_tried_for_ever():
    names = Issues(ENDED, ROTATED, STS)
    refused, requests = send(names)
    assert isinstance(refused, Refused)
    assert requests == 2


def test_a_wrong_secret_asks_for_no_other_keys():
    names = Issues(WRONG, STS)
    refused, _ = send(names)
    assert refused.vendor_code == "SignatureDoesNotMatch"
    assert names.asked == []


def test_a_new_issue_is_read_whole_before_the_next_request():
    names = Issues(KEYS, STS)
    accepted, requests = send(names, between=lambda: setattr(names, "number", 1))
    assert accepted.versions == {"Brightness": 2}
    assert requests == 2


def test_keys_that_ended_without_others_send_nothing():
    names = Issues(KEYS)
    failure, requests = send(names, between=lambda: setattr(names, "is_over", True))
    assert isinstance(failure, NotSent)
    assert requests == 1


def test_newer_keys_that_are_no_keys_send_nothing():
    names = Issues(KEYS, {**KEYS, "accessKeySecret": "two\nlines"})
    failure, requests = send(names, between=lambda: setattr(names, "number", 1))
    assert isinstance(failure, NotSent)
    assert "accessKeySecret" in str(failure)
    assert requests == 1
