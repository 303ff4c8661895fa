"""Whatever arrives, readers answer with a value or with the one failure they promise."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.model.device import Identity
from reconcile.platforms.aliyun import PLATFORM
from reconcile.platforms.aliyun.answers import Unreadable, read_answer, rows_of, status_of, versions_of
from reconcile.platforms.aliyun.directory import devices, groups, products, states, tags, thing_models
from reconcile.ports import NamedBytes

LAMP = Identity.of(productKey="a1ONE", deviceName="lamp")
READERS = {
    "rows": lambda answer: rows_of(answer, "DesiredPropertyInfo", "m"),
    "versions": versions_of,
    "status": status_of,
    "devices": lambda answer: devices.read_devices(answer, "a1ONE"),
    "detail": lambda answer: devices.read_detail(answer, LAMP),
    "details": lambda answer: devices.read_details(answer, "a1ONE", ["lamp"]),
    "states": lambda answer: states.read_states(answer, ["lamp"]),
    "by status": lambda answer: states.read_by_status(answer, "a1ONE"),
    "tagged": tags.read_tagged,
    "props": tags.read_props,
    "products": products.read_products,
    "product": lambda answer: products.read_product(answer, "a1ONE"),
    "groups": groups.read_groups,
    "groups of": groups.read_groups_of,
    "group devices": groups.read_group_devices,
    "model": thing_models.read_thing_model,
    "model versions": thing_models.read_model_versions,
}
KNOWN = (
    *(
        "Data",
        "List",
        "DesiredPropertyInfo",
        "Identifier",
        "Value",
        "Version",
        "Time",
        "Versions",
        "Status",
        "Timestamp",
    ),
    *(
        "DeviceInfo",
        "DeviceName",
        "ProductKey",
        "SimpleDeviceInfo",
        "DeviceStatusList",
        "DeviceStatus",
        "Props",
        "Total",
    ),
    *("PageCount", "NextToken", "ProductInfo", "GroupInfo", "GroupInfos", "GroupId", "ModelVersions", "ModelVersion"),
    *("GmtCreate", "UtcOnline", "LastOnlineTime", "TslStr", "ThingModelJson"),
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 10**25)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        ["", "a1ONE", "lamp", "ONLINE", "1", "{}", "[]", "{", "m:x", "x", "2019-02-28T06:50:33.000Z", "９"]
    )
)
JSON = st.recursive(
    SCALARS,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(KNOWN), inside, max_size=5),
    max_leaves=14,
)


@settings(max_examples=60)
@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@given(document=st.dictionaries(st.sampled_from(KNOWN), JSON, max_size=6))
def test_reader_of_an_answer(reader, document):
    answer = read_answer(200, json.dumps({"Success": True, **document}).encode(), is_xml=False)
    told = ""
    try:
        reader(answer)
    except Unreadable as exc:
        told = str(exc)
    assert len(told) < 300


@given(
    body=st.binary(max_size=200) | st.text(max_size=100).map(str.encode),
    is_xml=st.booleans(),
    status=st.integers(100, 599),
)
def test_body_of_any_kind(body, is_xml, status):
    try:
        read_answer(status, body, is_xml=is_xml, retry_after=body.decode("latin-1")[:9])
    except Unreadable:
        return


@given(st.text("<>/a &;!\"'[]xDOCTYPE", max_size=120))
def test_xml_of_any_kind(text):
    try:
        read_answer(200, f"<R><Success>true</Success>{text}</R>".encode(), is_xml=True)
    except Unreadable:
        return


MODEL_WORDS = (
    *("profile", "productKey", "properties", "functionBlocks", "functionBlockId", "identifier", "name", "accessMode"),
    *(
        "rwFlag",
        "dataType",
        "type",
        "specs",
        "min",
        "max",
        "step",
        "length",
        "size",
        "item",
        "dataSpecs",
        "dataSpecsList",
    ),
    *("childDataType", "value", "0", "1", "_ppk", "version"),
)
MODEL_SCALARS = SCALARS | st.sampled_from(
    ["int", "FLOAT", "enum", "struct", "array", "text", "rw", "READ_ONLY", "-4.9E-324"]
)
MODEL_JSON = st.recursive(
    MODEL_SCALARS,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(MODEL_WORDS), inside, max_size=6),
    max_leaves=20,
)
PROPERTY = st.dictionaries(st.sampled_from(MODEL_WORDS), MODEL_JSON, max_size=6).map(
    lambda fields: {"identifier": "A", **fields}
)


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from(MODEL_WORDS), MODEL_JSON, max_size=5), st.lists(PROPERTY, max_size=3))
def test_thing_model_of_any_kind_is_read_or_told_with_its_place(document, properties):
    content = json.dumps({"properties": properties, **document}, indent=1).encode()
    good = b'{"properties": [{"identifier": "B", "accessMode": "rw", "dataType": {"type": "int"}}]}'
    models = PLATFORM.dialect.load_models([NamedBytes("odd.json", content), NamedBytes("good.json", good)])
    assert "good" in models.products
    for name, problem in models.problems:
        assert name == "odd.json"
        assert 1 <= problem.line <= content.count(b"\n") + 1
        assert problem.column >= 1


@given(st.binary(max_size=120))
def test_file_of_any_bytes_is_passed_over_or_told(content):
    for name, problem in PLATFORM.dialect.load_models([NamedBytes("x.json", content)]).problems:
        assert (name, problem.code) == ("x.json", "RCL207")


@given(content=st.text('{}[]",:ab1\\ \n', max_size=80))
def test_text_that_looks_like_json_is_passed_over_or_told_with_its_place(content):
    for _, problem in PLATFORM.dialect.load_models([NamedBytes("x.json", content.encode())]).problems:
        assert problem.line >= 1
        assert problem.column >= 1
