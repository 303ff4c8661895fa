"""Advice on messages that do not fit one CoAP payload of 480 bytes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconcile.model.actions import Write
from reconcile.model.desired import Command, Delivery, DesiredDocument, DesiredResource
from reconcile.platforms.onenet import payload
from reconcile.platforms.onenet.dialect import OneNetDialect

DIALECT = OneNetDialect()
MODELS = DIALECT.load_models(())


def audited(resources=(), commands=()):
    document = DesiredDocument.build(tuple(resources), tuple(commands), replace(Delivery()))
    return [(where, p.code, p.is_warning) for where, p in DIALECT.audit(MODELS, "", document) if p.code == "RCL220"]


@pytest.mark.parametrize(
    ("write", "size"),
    [
        (Write("/3/0/7", True), 3),
        (Write("/3/0/7", 127), 3),
        (Write("/3/0/7", 128), 4),
        (Write("/3/0/7", -129), 4),
        (Write("/3303/0/5603", 40_000), 7),
        (Write("/3303/0/5603", 2**40), 12),
        (Write("/3303/0/5603", 1.5), 12),
        (Write("/3303/0/5701", "冷水表"), 13),
        (Write("/19/0/0", "0A1B", "opaque"), 4),
        (Write("/19/0/0", "AA" * 300, "opaque"), 304),
    ],
)
def test_a_resource_takes_the_bytes_that_its_tlv_takes(write, size):
    """Type, one or two bytes of identifier, a length from 8 bytes on, the value (OMA LwM2M 1.0, 6.4.3)."""
    assert payload.tlv_bytes(write) == size


def test_one_message_is_no_reason_to_warn():
    """475 bytes of text, and 5 of its TLV, are exactly one payload."""
    assert audited([DesiredResource("/3303/0/5701", "x" * 475)]) == []
    assert audited([DesiredResource("/3303/0/5701", "x" * 476)]) == [("/3303/0/5701", "RCL220", True)]


def test_resources_of_one_write_count_together():
    """Small values of one instance travel in one message; those of another instance in their own."""
    together = [DesiredResource(f"/3303/0/{5700 + n}", "x" * 100) for n in range(6)]
    apart = [DesiredResource(f"/3303/{n}/5701", "x" * 100) for n in range(6)]
    assert audited(together) == [("/3303/0/5700", "RCL220", True)]
    assert audited(apart) == []


def test_long_arguments_and_opaque_values_are_told_too():
    """Arguments are text; opaque values are counted in bytes, not in hexadecimal digits."""
    command = Command("update", "/5/0/2", args="u" * 481, trigger="t")
    assert audited(commands=[command, replace(command, name="short", args="u" * 480)]) == [("update", "RCL220", True)]
    assert audited([DesiredResource("/19/0/0", "AB" * 470, "opaque")]) == []


def test_what_is_refused_for_2k_is_not_advised_on_as_well():
    """One problem is enough."""
    document = DesiredDocument.build((DesiredResource("/3/0/15", "x" * 3000),), (), Delivery())
    assert [p.code for _, p in DIALECT.audit(MODELS, "", document)] == ["RCL209"]
