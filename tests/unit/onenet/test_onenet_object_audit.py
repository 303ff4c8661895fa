"""What definitions say against a document: errors for what a device surely refuses, warnings for the unusual."""

import pytest
from lwm2m_kit import catalogue, ddf, item

from reconcile.model.desired import Command, Delivery, DesiredDocument, DesiredResource, Ownership, WriteMode
from reconcile.platforms.onenet.objects import questions

MODELS = catalogue(
    ddf(
        item(1, "Opening", mandatory="Mandatory"),
        item(2, "Position", "R", "Float"),
        item(3, "Close", "E", ""),
        item(4, "Zones", instances="Multiple"),
        item(5, "Key", "W", "Opaque"),
    )
)


def found(*resources, commands=(), mode=WriteMode.UPDATE):
    document = DesiredDocument.build(tuple(resources), tuple(commands), Delivery(write_mode=mode))
    return [(place, problem.code, problem.is_warning) for place, problem in questions.audit(MODELS, document)]


def observed(path):
    return DesiredResource(path, None, ownership=Ownership.OBSERVE)


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (DesiredResource("/26250/0/1", 5), []),
        (DesiredResource("/3/0/15", "UTC"), []),
        (DesiredResource("/3303/4/5603", 1.0), []),
        (observed("/3303/0/5700"), []),
        (DesiredResource("/26250/1/1", 5), [("RCL248", False)]),
        (DesiredResource("/3/1/15", "UTC"), [("RCL248", False)]),
        (observed("/3/1/9"), [("RCL248", False)]),
        (DesiredResource("/26250/0/9", 5), [("RCL203", False)]),
        (DesiredResource("/3/0/4711", 5), [("RCL203", True)]),
        (observed("/26250/0/3"), [("RCL241", False)]),
        (observed("/26250/0/5"), [("RCL249", True)]),
        (DesiredResource("/26250/0/4", 5), [("RCL246", True)]),
        (DesiredResource("/3/0/15", 5), [("RCL245", True)]),
        (DesiredResource("/3/0/15", "0A", "opaque"), [("RCL245", True)]),
        (DesiredResource("/3316/0/5821", 1.05), [("RCL245", True)]),
        (DesiredResource("/26260/0/1", 5), [("RCL242", True)]),
        (DesiredResource("/26260/0/1", "0A", "opaque"), []),
        (DesiredResource("/10290/0/1", 5), [("RCL251", True)]),
        (DesiredResource("/10290/0/1", "0A", "opaque"), [("RCL251", True)]),
        (DesiredResource("/26260/0/1", 5, ownership=Ownership.IGNORE), []),
        (DesiredResource("/3/1/4711", 5, ownership=Ownership.IGNORE), []),
    ],
)  # fmt: skip
def test_resources(resource, expected):
    assert [(code, is_warning) for _, code, is_warning in found(resource)] == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/26250/0/3", []),
        ("/3/0/4", []),
        ("/3/0/13", [("reboot", "RCL247", False)]),
        ("/26250/0/1", [("reboot", "RCL247", False)]),
        ("/3/1/4", [("reboot", "RCL248", False)]),
        ("/26250/0/77", [("reboot", "RCL203", False)]),
        ("/3/0/77", [("reboot", "RCL203", True)]),
        ("/26260/0/1", [("reboot", "RCL242", True)]),
    ],
)
def test_commands(path, expected):
    assert found(commands=[Command("reboot", path, trigger="1")]) == expected


def test_an_unknown_object_is_told_once():
    resources = [DesiredResource(f"/26260/0/{n}", n) for n in range(5)]
    assert found(*resources, commands=[Command("a", "/26260/0/9", trigger="1")]) == [("/26260/0/0", "RCL242", True)]


def test_a_replacing_write_that_leaves_out_what_is_mandatory_is_told():
    part = DesiredResource("/1/0/2", 60)
    whole = [DesiredResource("/1/0/1", 60), DesiredResource("/1/0/6", True), DesiredResource("/1/0/7", "U")]
    assert found(part, mode=WriteMode.REPLACE) == [("/1/0/2", "RCL250", True)]
    assert found(part, *whole, mode=WriteMode.REPLACE) == []
    assert found(part) == []
