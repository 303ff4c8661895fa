"""Names, packing, configuration: the pure answers of the dialect."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reconcile.model.actions import SetDesired, Write
from reconcile.model.desired import Command, Delivery, DesiredDocument, DesiredResource, Ownership
from reconcile.model.device import Identity
from reconcile.model.diagnostic import NOWHERE
from reconcile.model.observed import Look
from reconcile.platforms import registry
from reconcile.platforms.aliyun import PLATFORM
from reconcile.ports import NamedBytes, PlatformConfig, Problem

DIALECT = PLATFORM.dialect
NO_MODELS = DIALECT.load_models([])
CREDENTIALS = {"accessKeyId": {"env": "A"}, "accessKeySecret": {"env": "B"}}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"productKey": "a1BwAGVxxxx"}, {"productKey": "a1BwAGVxxxx", "deviceName": "lamp-17"}),
        (
            {"productKey": "a1BwAGVxxxx", "deviceName": "x@y.z:1"},
            {"productKey": "a1BwAGVxxxx", "deviceName": "x@y.z:1"},
        ),
        ({"iotId": "Q7uOhVRdZRRlDnTLv00100"}, {"iotId": "Q7uOhVRdZRRlDnTLv00100"}),
        ({"iotId": "Q7uO", "productKey": "a1BwAG"}, {"iotId": "Q7uO", "productKey": "a1BwAG"}),
        ({"iotId": "", "imei": "86", "productKey": "a1BwAG"}, {"productKey": "a1BwAG", "deviceName": "lamp-17"}),
    ],
)
def test_identity_is_kept_as_given_and_the_device_name_has_a_default(fields, expected):
    assert DIALECT.read_identity(fields, "lamp-17") == Identity.of(**expected)


@pytest.mark.parametrize("fields", [{}, {"imei": "86"}, {"deviceName": "x"}, {"productKey": "a b"}, {"productKey": "a1b2", "deviceName": "灯"}, {"iotId": "*"}])  # fmt: skip
def test_identity_that_no_cloud_would_know_is_a_problem(fields):
    problem = DIALECT.read_identity(fields, "lamp-17")
    assert isinstance(problem, Problem)
    assert problem.code == "RCL201"


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("productKey", ["a", "a1", "a_1-B", "k" * 64], ["", "k" * 65, "a.b", "a1\n"]),
        ("deviceName", ["d", "a_b-c@d.e:1", "d" * 64], ["d" * 65, "a/b", "d\n"]),
        ("iotId", ["i", "i" * 64], ["i" * 65, "a b"]),
    ],
)
def test_identity_takes_what_the_schema_of_devices_takes(field, good, bad):
    schema = json.loads((Path(__file__).parents[3] / "schemas/device.schema.json").read_text())
    pattern = schema["properties"]["spec"]["properties"][field]["pattern"]
    given = {} if field == "iotId" else {"productKey": "a1"}
    for text in good:
        assert re.search(pattern, text)
        assert not isinstance(DIALECT.read_identity({**given, field: text}, "lamp"), Problem)
    for text in filter(None, bad):
        assert isinstance(DIALECT.read_identity({**given, field: text}, "lamp"), Problem)


def test_default_device_name_is_checked_like_any_other():
    assert isinstance(DIALECT.read_identity({"productKey": "a1BwAG"}, "lamp 17"), Problem)


def test_model_key_is_the_product():
    assert DIALECT.model_key(Identity.of(productKey="a1", deviceName="d")) == "a1"
    assert DIALECT.model_key(Identity.of(iotId="x")) == ""


@pytest.mark.parametrize("path", ["Temperature", "_a1", "Energy:reportPeriod", "a" * 50, "m" * 30 + ":" + "a" * 50])
def test_identifier_with_or_without_module_is_a_path(path):
    assert DIALECT.read_path(None, "", path) == path


@pytest.mark.parametrize(
    "path", ["", ":a", "a:", "a:b:c", "a-b", "温度", "/3303/0/5603", "a" * 51, "m" * 31 + ":a", "a\n"]
)
def test_anything_else_is_no_path(path):
    assert DIALECT.read_path(None, "", path).code == "RCL202"


def test_writes_are_packed_by_ten_in_order_with_a_version_for_every_item():
    writes = [Write(f"P{number:02}", number) for number in range(23)]
    actions = DIALECT.write_actions(writes[::-1], {"P03": 7}, Delivery(), is_now=False)
    assert [len(action.items) for action in actions] == [10, 10, 3]
    assert [write.path for action in actions for write in action.items] == [write.path for write in writes]
    assert all(tuple(path for path, _ in a.versions) == tuple(w.path for w in a.items) for a in actions)
    assert dict(actions[0].versions) == {f"P{n:02}": 7 if n == 3 else 0 for n in range(10)}


def test_clearing_is_a_write_of_null_under_the_version_check():
    actions = DIALECT.write_actions([Write("A", None)], {"A": 4}, Delivery(), is_now=True)
    assert actions == [SetDesired((Write("A", None),), (("A", 4),))]


def test_two_writes_to_one_property_are_our_bug():
    with pytest.raises(ValueError, match="two writes"):
        DIALECT.write_actions([Write("A", 1), Write("A", 2)], {}, Delivery(), is_now=True)


def test_nothing_to_write_is_no_request():
    assert DIALECT.write_actions([], {}, Delivery(), is_now=True) == []


def test_commands_cannot_run_and_watched_properties_must_exist():
    models = DIALECT.load_models(
        [NamedBytes("a1.json", b'{"properties": [{"identifier": "A", "dataType": {"type": "int"}}]}')]
    )
    document = DesiredDocument.build(
        (
            DesiredResource("A", None, ownership=Ownership.OBSERVE),
            DesiredResource("B", None, ownership=Ownership.OBSERVE),
        ),
        (Command("reboot", "/3/0/4"),),
        Delivery(),
    )
    assert [(where, problem.code) for where, problem in DIALECT.audit(models, "a1", document)] == [
        ("B", "RCL203"),
        ("reboot", "RCL208"),
    ]
    assert [where for where, _ in DIALECT.audit(NO_MODELS, "a1", document)] == ["reboot"]
    with pytest.raises(ValueError, match="runs no commands"):
        DIALECT.run_action(document.commands[0], "key", Delivery(), is_now=True)


def test_only_what_was_asked_for_is_looked_at():
    needs = DIALECT.needs_look
    assert needs(["B", "A", "A"], is_refresh_all=False, wants_uplink=False, uuids=()) == Look(
        ("A", "B"), wants_cloud=True
    )
    assert needs(["A"], is_refresh_all=True, wants_uplink=True, uuids=("u",)) == Look(
        ("A",), wants_cloud=True, wants_reported=True, wants_uplink=True
    )
    assert needs([], is_refresh_all=True, wants_uplink=False, uuids=()) == Look()


def check(**spec):
    config = PlatformConfig("p", "aliyun", {"credentials": CREDENTIALS, **spec}, 40.0, NOWHERE)
    return DIALECT.check_config(config)


@pytest.mark.parametrize(
    "spec",
    [
        {"region": "cn-shanghai"},
        {"region": "ap-southeast-1", "signature": "acs3", "format": "json", "instanceId": "iot-060a****"},
        {"endpoint": "https://iot-vpc.cn-shanghai.aliyuncs.com"},
        {"endpoint": "https://si-1.tuyacloud.com:8686/", "signature": "v1", "format": "xml"},
        {"endpoint": "http://127.0.0.1:8931"},
        {"region": "cn-shanghai", "extraParameters": {"ServiceCode": "iot", "Expiration": 60}},
        {"region": "cn-shanghai", "extraParameters": {"SetDeviceDesiredProperty.Expiration": "86400"}},
        {"region": "cn-beijing", "instanceId": "iot_instc_pu1_c-v64000"},
        {"region": "me-east-1", "endpoint": "https://iot.private.example:8686"},
        {"region": "cn-shanghai", "endpoint": "https://iot-vpc.cn-shanghai.aliyuncs.com"},
    ],
    ids=str,
)
def test_configuration_that_fits(spec):
    assert check(**spec) == []


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({}, "neither region nor endpoint"),
        ({"region": "Shanghai"}, "region: found 'Shanghai'"),
        ({"region": "cn-shanghai.evil.example/"}, "region: found"),
        ({"region": "cn-shanghia"}, "Did you mean cn-shanghai?"),
        ({"region": "me-east-1"}, "For another one give its `endpoint`"),
        ({"region": "cn-shanghai", "endpoint": "https://iot.us-west-1.aliyuncs.com"}, "differ"),
        ({"region": "cn-shanghai", "instanceId": "iot 060"}, "instanceId: found 'iot 060'"),
        ({"endpoint": "iot.cn-shanghai.aliyuncs.com"}, "a scheme, a host"),
        ({"endpoint": "https://user:pass@host"}, "a scheme, a host"),
        ({"endpoint": "https://host/path"}, "a scheme, a host"),
        ({"endpoint": "https://host:99999"}, "a scheme, a host"),
        ({"endpoint": "ftp://host"}, "a scheme, a host"),
        ({"region": "cn-shanghai", "signature": "v3"}, "expected acs3 or v1"),
        ({"region": "cn-shanghai", "format": "xml"}, "answered to signature v1 only"),
        ({"region": "cn-shanghai", "extraParameters": {"Action": "x"}}, "Action is set by the program"),
        ({"region": "cn-shanghai", "extraParameters": {"SetDeviceDesiredProperty.Items": "x"}}, "Items is set by"),
        ({"region": "cn-shanghai", "extraParameters": {"Tag.1.TagKey": "x"}}, "Tag.1.TagKey is set by"),
        ({"region": "cn-shanghai", "extraParameters": {"QueryDevice.Expiration": "x"}}, "only a write has its own"),
        ({"region": "cn-shanghai", "extraParameters": {"a": [1]}}, "expected names with texts"),
        ({"region": "cn-shanghai", "credentials": {}}, "accessKeyId and accessKeySecret missing"),
    ],
)
def test_configuration_that_does_not_fit_says_why(spec, words):
    (problem,) = check(**spec)
    assert (problem.code, problem.is_warning) == ("RCL410", False)
    assert words in problem.detail
    assert "pass" not in problem.detail


def test_plain_http_beyond_this_machine_is_a_warning():
    (problem,) = check(endpoint="http://iot.example")
    assert problem.is_warning


def test_built_in_platforms_are_found_and_others_are_not():
    assert registry.find("aliyun") is PLATFORM
    assert registry.find("azure") is None
    assert {"aliyun", "onenet"} <= set(registry.known_types())
    assert PLATFORM.type == "aliyun"
    assert PLATFORM.credential_names(PlatformConfig("p", "aliyun", {}, 1.0, NOWHERE)) == (
        "accessKeyId",
        "accessKeySecret",
    )


def test_third_parties_are_found_through_their_entry_point(tmp_path, monkeypatch):
    (tmp_path / "third_cloud.py").write_text(
        "class Third:\n    type = 'third'\n    dialect = credential_names = open = None\n\n\nPLATFORM = Third()\n"
    )
    meta = tmp_path / "third_cloud-1.0.dist-info"
    meta.mkdir()
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: third-cloud\nVersion: 1.0\n")
    (meta / "entry_points.txt").write_text(
        "[reconcile.platforms]\nthird = third_cloud:PLATFORM\naliyun = third_cloud:PLATFORM\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    registry._plugged_in.cache_clear()
    assert registry.find("third").type == "third"
    registry._plugged_in.cache_clear()
    assert registry.find("aliyun") is PLATFORM
    assert "third" in registry.known_types()


def test_planning_imports_no_http():
    code = (
        "import sys; from reconcile.platforms import registry; registry.find('aliyun').dialect;"
        "print(sorted({'httpx', 'aiohttp', 'asyncio', 'ssl', 'logging'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
