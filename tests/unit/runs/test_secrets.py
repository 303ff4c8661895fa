"""Secrets: only a keyed fingerprint enters plans and state; the value enters when a request is built."""

from dataclasses import replace

import pytest

from reconcile.model.desired import Delivery, DesiredDocument, DesiredResource
from reconcile.model.errors import ReconcileError
from reconcile.model.fleet import DesiredDevice
from reconcile.model.observed import ObservedDevice, ObservedResource
from reconcile.model.values import ABSENT, UNKNOWN, canonical, secret
from reconcile.runs.secret_values import Vault, seal
from reconcile.testing.builders import device

VAULT = Vault({"PIN": "1234"}, b"k" * 32)
MARKER = secret("env", "PIN")


def fleet(value=MARKER, count=2):
    document = DesiredDocument.build((DesiredResource("/1/0/0", value), DesiredResource("/1/0/1", 7)), (), Delivery())
    return [DesiredDevice(device(f"meter-{n:04}"), document) for n in range(count)]


def test_sealed_documents_hold_a_fingerprint_and_stay_shared():
    devices, problems = seal(fleet(), VAULT)
    assert problems == []
    assert devices[0].document is devices[1].document
    sealed = devices[0].document.resources[0].value
    assert sealed == secret("env", "PIN", VAULT.fingerprint("1234"))
    assert b"1234" not in canonical(sealed)


def test_fleet_without_secrets_comes_back_as_it_is():
    devices = fleet(5)
    assert seal(devices, VAULT)[0] is devices


def test_changed_secret_is_another_document_and_the_same_one_is_not():
    before, again = (seal(fleet(), VAULT)[0][0].document.digest for _ in range(2))
    after = seal(fleet(), replace(VAULT, environ={"PIN": "5678"}))[0][0].document.digest
    assert before == again != after


def test_fingerprint_means_nothing_under_another_key():
    assert VAULT.fingerprint("1234") != Vault({}, b"x" * 32).fingerprint("1234")


def test_key_of_the_environment_goes_into_fingerprints_and_a_weak_one_is_refused():
    own = Vault({"RECONCILE_SECRETS_KEY": "a" * 32}, VAULT.key)
    found = {one.fingerprint("1234") for one in (VAULT, own, replace(own, key=b"x" * 32))}
    assert len(found) == 3
    assert own.fingerprint("1234") == replace(own, environ={**own.environ, "PIN": "1234"}).fingerprint("1234")
    with pytest.raises(ReconcileError, match="RECONCILE_SECRETS_KEY is too short"):
        Vault({"RECONCILE_SECRETS_KEY": "a" * 31}, VAULT.key).fingerprint("1234")


def test_missing_secret_is_told_once_for_the_fleet():
    _, problems = seal(fleet(), replace(VAULT, environ={}))
    assert [problem.summary for problem in problems] == ["secret missing"]


def test_request_gets_the_value_only_if_it_is_the_planned_one():
    marker = secret("env", "PIN", VAULT.fingerprint("1234"))
    assert VAULT.resolve(marker) == "1234"
    for environ in ({}, {"PIN": "5678"}):
        with pytest.raises(ReconcileError) as caught:
            replace(VAULT, environ=environ).resolve(marker)
        assert "5678" not in str(caught.value)


def test_values_are_compared_by_fingerprint():
    marker = secret("env", "PIN", VAULT.fingerprint("1234"))
    assert VAULT.same(marker, "1234")
    assert VAULT.same(marker, marker)
    assert not VAULT.same(marker, "5678")
    assert not VAULT.same(marker, ABSENT)
    assert not VAULT.same(MARKER, MARKER)  # not sealed: nobody knows what it stands for


def test_seen_values_of_secret_resources_are_masked():
    seen = ObservedDevice(
        device().ref, {"/1/0/0": ObservedResource(reported="1234"), "/1/0/1": ObservedResource(reported="shown")}
    )
    masked = VAULT.mask(seen, {"/1/0/0": frozenset()}).resources
    assert VAULT.same(masked["/1/0/0"].reported, "1234")
    assert masked["/1/0/0"].reported != "1234"
    assert masked["/1/0/0"].cloud is UNKNOWN
    assert masked["/1/0/1"].reported == "shown"


@pytest.mark.parametrize("returned", ["DEADBEEF00", "deadbeef00", [0xDE, 0xAD, 0xBE, 0xEF, 0x00]])
def test_an_opaque_secret_is_known_in_every_form_a_device_returns(returned):
    """Neither printed in the clear nor taken for drift, be it bytes or hexadecimal in either case."""
    digest = VAULT.fingerprint("DEADBEEF00")
    seen = ObservedDevice(device().ref, {"/1/0/2": ObservedResource(reported=returned)})
    masked = VAULT.mask(seen, {"/1/0/2": frozenset({digest})}).resources["/1/0/2"].reported
    assert VAULT.same(secret("env", "KEY", digest), masked)
    assert VAULT.same(secret("env", "KEY", digest), returned)
    assert "173" not in str(masked)
    assert "adbe" not in str(masked).lower()
