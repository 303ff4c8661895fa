"""Whatever is asked of OneNET, under any answers to its open questions: the vendor's envelope, never a failure of ours."""

import json

from emulator_desk import AWAKE_METER, IMEI, METER, SLEEPY_VALVE, VALVE, Desk, beijing
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.emulator import routes
from reconcile.emulator.onenet.switches import SWITCHES

ENDPOINTS = [(facade, endpoint) for facade, found in routes.endpoints().items() for endpoint in found]
DESK = Desk()
WORDS = st.one_of(
    st.sampled_from([
        IMEI, "500000000", "p1", "valve-1", "emulator", "0", "1", "2", "3", "6000", "3303", "5603", "-1", "²", "1e999", "nan", "true", "9" * 400, "x" * 3000,
        beijing(DESK.now, 3600), beijing(DESK.now, 7200), "0001-01-01T00:00:00", "9999-12-31T23:59:59", "2026-01-31", "3303_0_5603", "25971_1_2", "ASC", "switch",
        "\x00", "é", "", "%zz",
    ]),
    st.text(max_size=6),
)  # fmt: skip
GOOD = {
    "imei": IMEI, "obj_id": "3303", "obj_inst_id": "0", "res_id": "5603", "mode": "2", "cancel": "false", "expired_time": beijing(DESK.now, 3600),
    "start": beijing(DESK.now, -3600), "devIds": "500000000", "project_id": "x", "product_id": "p1", "device_name": "valve-1",
}  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["switch", "CO2", "event", "version", "a", "res_id", "val", "type"]), inner, max_size=3)
    ),
    max_leaves=8,
)  # fmt: skip
DATA = st.lists(
    st.fixed_dictionaries(
        {"res_id": st.sampled_from([5603, 5604, 5700, 1, "x", -1]), "val": JSON},
        optional={"type": st.sampled_from([1, 2, 3, "1"])},
    )
)
BODY = st.one_of(
    st.none(),
    st.binary(max_size=12),
    JSON.map(lambda value: json.dumps(value).encode()),
    st.fixed_dictionaries({}, optional={
        "data": DATA | JSON, "args": JSON, "params": JSON | st.dictionaries(st.sampled_from(["switch", "CO2", "event", "slots"]), JSON, max_size=3) | st.lists(WORDS, max_size=3),
        "product_id": WORDS | st.just("p1"), "device_name": JSON | st.just("valve-1"), "project_id": WORDS, "title": JSON, "protocol": st.just("LwM2M") | JSON,
        "auth_info": JSON | st.just({"865820031234569": "1"}), "tags": JSON, "chip": JSON, "other": JSON, "location": JSON,
    }).map(lambda value: json.dumps(value).encode()),
)  # fmt: skip
FAULTS = st.sampled_from(
    [
        None,
        "device_silent",
        "device_answer_lost",
        "device_answers:RESP_ERROR",
        "device_answers:UNDEFINED",
        "throttle",
        "errno:5106:OFFLINE",
        "errno:x",
    ]
)
ANSWERS = st.fixed_dictionaries({}, optional={switch.name: st.sampled_from(switch.choices) for switch in SWITCHES})
HEADERS = {
    "classic": {"api_key": "emulator-master-key"},
    "studio": {"authorization": DESK.token("2020-05-29")},
    "current": {"authorization": DESK.token("2022-05-01")},
}


def is_enveloped(facade, endpoint, response):
    if response.status in (429, 504):
        return True
    answer = json.loads(response.body)
    if facade == "studio" and endpoint.route.family == "thing":
        return isinstance(answer["requestId"], str) and (answer["success"] is True or isinstance(answer["code"], str))
    if facade == "current" and "errno" not in answer:
        return isinstance(answer["code"], int) and isinstance(answer["msg"], str) and "data" in answer
    return isinstance(answer["errno"], int) and isinstance(answer["error"], str)


@settings(deadline=None, derandomize=True, max_examples=400)
@given(
    which=st.sampled_from(ENDPOINTS), query=st.dictionaries(st.sampled_from(["uuid", "page", "per_page", "sort", "limit", "offset", "cursor", "datastream_id",
    "timeout", "retry", "trigger_msg", "pmin", "pmax", "gt", "lt", "st", "end", "valid_time", *GOOD]), WORDS, max_size=5),
    good=st.booleans(), body=BODY, answers=ANSWERS, fault=FAULTS, asleep=st.booleans(), argument=WORDS,
)  # fmt: skip
def test_every_call_answers_in_its_envelope(which, query, good, body, answers, fault, asleep, argument):
    """All endpoints, parameters of all kinds, bodies, devices awake and asleep, and then an hour passes."""
    facade, endpoint = which
    d = Desk(METER if asleep else AWAKE_METER, SLEEPY_VALVE if asleep else VALVE, **answers)
    if fault:
        d.script(fault)
    params = (GOOD if good else {}) | query | ({"action": endpoint.action} if endpoint.action else {})
    path = endpoint.path.replace(f"{{{endpoint.argument}}}", argument) if endpoint.argument else endpoint.path
    for _ in range(2):
        response = d.raw(endpoint.method, path, params, body or b"", **HEADERS[facade])
        assert response.status in (200, 429, 504)
        assert is_enveloped(facade, endpoint, response), response.body
    d.advance(3600)
    for told in ("/devices", "/log", "/pushes"):
        d.control("GET", told)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(
    kind=st.sampled_from(["/console", "/uplink"]),
    body=BODY | st.dictionaries(st.sampled_from(["/3303/0/5603", "/1/2/3", "CO2", "new"]), JSON, max_size=3).map(lambda value: json.dumps(value).encode()),
    device=st.sampled_from([IMEI, "p1/valve-1"]), answers=ANSWERS,
)  # fmt: skip
def test_whatever_somebody_does_at_a_device_can_be_read_again(kind, body, device, answers):
    """Values of any shape pass through reads, data points and properties."""
    d = Desk(AWAKE_METER, VALVE, **answers)
    assert d.raw("POST", f"/_emulator/devices/onenet/{device}{kind}", "", body or b"").status in (200, 400)
    calls = [
        ("classic", "GET", "/nbiot"),
        ("classic", "GET", "/devices/datapoints"),
        ("current", "GET", "/thingmodel/query-device-property"),
        ("current", "GET", "/device/list"),
    ]
    for facade, method, path in calls:
        assert d.raw(method, path, GOOD, b"", **HEADERS[facade]).status == 200


def test_catalogue_names_every_call_once_with_parameters_that_make_sense():
    """What a description of the emulated calls is made from."""
    keys = [(facade, one.method, one.path, one.action) for facade, one in ENDPOINTS]
    assert len(keys) == len(set(keys)) > 50
    for _, one in ENDPOINTS:
        names = [parameter.name for parameter in one.route.parameters]
        assert len(names) == len(set(names)), one
        for parameter in one.route.parameters:
            assert parameter.type in {"string", "integer", "number", "boolean", "time", "date", "object", "array"}
            if parameter.default is not None:
                assert parameter.lowest <= parameter.default <= parameter.highest
