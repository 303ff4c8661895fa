"""Whatever arrives, the core answers; it never raises and always answers in JSON or XML."""

import json

from emulator_desk import AWAKE_METER, IMEI, LAMP, START, TSL, Desk
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.emulator.aliyun.operations import OPERATIONS

NAMES = [
    "imei",
    "obj_id",
    "obj_inst_id",
    "res_id",
    "mode",
    "timeout",
    "valid_time",
    "expired_time",
    "retry",
    "trigger_msg",
    "start",
    "end",
    "page",
    "per_page",
    "sort",
    "devIds",
    "action",
]
VALUES = st.one_of(
    st.sampled_from(
        [
            IMEI,
            "0",
            "1",
            "3",
            "3303",
            "5603",
            "²",
            "-1",
            "9" * 5000,
            "2027-01-01T00:00:00",
            "0001-01-01T00:00:00",
            "9999-12-31T23:59:59",
        ]
    ),
    st.text(max_size=12),
)
ALIYUN_NAMES = sorted(
    {"Identifier.1", "Identifier.²", "Identifies.1", "Tag.1.TagKey", "Tag.1.TagValue", "Tag.².TagKey", "DeviceName.1", "IotId.1", "GroupTypes.1"}
    | {parameter.name for operation in OPERATIONS.values() for parameter in operation.parameters}
)  # fmt: skip
QUERIES = st.dictionaries(st.sampled_from(NAMES), VALUES)
PATHS = st.sampled_from([
    "/nbiot", "/nbiot/execute", "/nbiot/offline", "/nbiot/execute/offline", "/nbiot/offline/history", "/nbiot/offline/history/x", "/nbiot/offline/cancel/all",
    "/nbiot/resources", "/nbiot/discover", "/devices", "/devices/status", "/devices/²", "/LwM2M-online", "/nb-iot", "/device/detail", "/thingmodel/x", "/nbiot//", "/x",
])  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "args", "res_id", "val", "type", "kind", "rules", "fault", "match"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
BODIES = st.one_of(
    st.binary(max_size=20),
    JSON.map(lambda value: json.dumps(value).encode()),
    st.sampled_from([b'{"args":"\\ud800"}', b'{"data":[{"res_id":1,"val":1e999}]}', b"[" * 100_000]),
)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]), path=PATHS, query=QUERIES, body=BODIES)
def test_onenet_paths_answer_anything(method, path, query, body):
    """Any method, parameters and body."""
    desk = Desk(AWAKE_METER)
    response = desk.raw(method, path, query, body, api_key="emulator-master-key")
    json.loads(response.body)
    json.loads(desk.raw("GET", "/_emulator/log").body)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(
    action=st.sampled_from(sorted(OPERATIONS)),
    params=st.dictionaries(st.sampled_from(ALIYUN_NAMES), st.one_of(JSON.map(json.dumps), VALUES)),
    modelled=st.booleans(),
)  # fmt: skip
def test_aliyun_actions_answer_anything(action, params, modelled):
    """Correctly signed nonsense."""
    desk = Desk(LAMP | ({"thingModel": TSL} if modelled else {}))
    answer = json.loads(
        desk.rpc_response(action, **({"ProductKey": "a1", "DeviceName": "lamp"} | params), at=START).body
    )
    assert answer.get("Success") or answer["Code"]
    json.loads(desk.raw("GET", "/_emulator/devices").body)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(
    path=st.sampled_from(
        [
            "/clock",
            "/faults",
            "/switches",
            "/log",
            f"/devices/onenet/{IMEI}/uplink",
            f"/devices/onenet/{IMEI}/console",
            "/devices/aliyun/a1/lamp/console",
        ]
    ),
    body=BODIES,
)
def test_control_calls_answer_anything(path, body):
    """Nonsense is 400, never an exception."""
    desk = Desk(AWAKE_METER, LAMP)
    assert desk.raw("POST", f"/_emulator{path}", "", body).status in (200, 400, 404)
    json.loads(desk.raw("GET", "/_emulator/devices").body)
