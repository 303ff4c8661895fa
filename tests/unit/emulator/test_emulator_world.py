"""The population file, the control calls, and determinism."""

import json
from datetime import UTC, datetime

import pytest
from emulator_desk import AWAKE_METER, IMEI, LAMP, METER, START, TSL

from reconcile.emulator import Emulator, PopulationError, SwitchError, World, population

LOG_KEYS = [
    "seq", "time", "cloud", "operation", "mutating", "device", "target", "body", "precondition", "http_status", "code", "landed", "answered", "fault",
]  # fmt: skip


def test_population_directory_is_read_file_by_file(tmp_path):
    """Models are found beside their file; blank lines are nothing."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "lamp.json").write_text(json.dumps(TSL))
    (tmp_path / "b.ndjson").write_text(json.dumps(METER) + "\n\n")
    (tmp_path / "a.ndjson").write_text(json.dumps(LAMP | {"thingModel": "models/lamp.json"}))
    records = population.read(tmp_path)
    assert [record["cloud"] for record in records] == ["aliyun", "onenet"]
    world = World.from_records(records, now=START)
    assert "Brightness" in world.products["a1"].model.properties
    relative = World.from_records([LAMP | {"thingModel": "models/lamp.json"}], now=START, base=tmp_path)
    assert "Brightness" in relative.products["a1"].model.properties


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"cloud":"moon"}',
        '{"cloud":"onenet"}',
        '{"cloud":"aliyun","productKey":"a"}',
        '{"cloud":"aliyun","productKey":"a","deviceName":"b","thingModel":"no.json"}',
    ],
)
def test_bad_line_is_named_by_file_and_line(tmp_path, line):
    """The second line of the file is wrong."""
    path = tmp_path / "fleet.ndjson"
    path.write_text(json.dumps(METER) + "\n" + line)
    with pytest.raises(PopulationError, match=r"fleet\.ndjson:2: "):
        population.read(path)


@pytest.mark.parametrize(
    "change",
    [
        {"sleep": {"kind": "coma"}},
        {"sleep": {"kind": "psm"}},
        {"sleep": 1},
        {"resources": {"/1/0/1": {"type": "colour"}}},
        {"resources": {"/1/0/1": {"operations": "Q"}}},
    ],
)
def test_record_that_describes_no_device_is_refused(change):
    """With the number of the record."""
    with pytest.raises(PopulationError, match="record 1: "):
        World.from_records([METER | change], now=START)


def test_device_twice_is_refused():
    """Identities are unique."""
    with pytest.raises(PopulationError, match=r"record 2: .*twice"):
        World.from_records([METER, METER], now=START)


def test_log_has_every_vendor_request_in_order(desk):
    """With exactly the promised fields; `after` leaves out the ones already seen."""
    d = desk(METER, LAMP)
    d.queue((5603, 1.5), retry=0)
    d.set({"A": 1}, {"A": 0})
    d.desired()
    log = d.log()
    assert [list(entry) for entry in log] == [LOG_KEYS] * 3
    assert [entry["operation"] for entry in log] == ["queue_write", "set_desired", "query_desired"]
    assert (log[0]["device"], log[0]["target"], log[0]["body"]) == (
        IMEI,
        "/3303/0",
        {"data": [{"res_id": 5603, "val": 1.5}]},
    )
    assert log[0]["precondition"] == {"retry": "0", "expired_time": "2026-02-01T08:00:00"}
    assert (log[1]["device"], log[1]["target"], log[1]["body"], log[1]["precondition"]) == (
        "a1/lamp",
        ["A"],
        {"Items": {"A": 1}},
        {"Versions": {"A": 0}},
    )
    assert [(entry["mutating"], entry["landed"]) for entry in log] == [(True, True), (True, True), (False, False)]
    assert [entry["seq"] for entry in json.loads(d.raw("GET", "/_emulator/log", "after=2").body)] == [3]


def test_reset_goes_back_to_the_population(desk):
    """Devices, queue, log, faults, switches and the clock."""
    d = desk(METER)
    d.queue((5603, 1.0))
    d.advance(7200)
    d.script("errno:7")
    d.control("POST", "/switches", {"cached_limit": "evict"})
    d.control("POST", "/reset")
    assert (d.device()["values"]["/3303/0/5603"], d.device()["queue"], d.log()) == (-20.0, [], [])
    assert d.control("GET", "/health") == {"ok": True, "now": "2026-01-31T00:00:00.000Z"}
    assert d.control("GET", "/faults") == {"rules": []}
    assert next(s for s in d.control("GET", "/switches") if s["name"] == "cached_limit")["value"] == "refuse"


def test_switches_are_listed_with_both_answers_and_their_page(desk):
    """And refuse names and answers they do not have."""
    d = desk(METER)
    for switch in d.control("GET", "/switches"):
        assert switch["value"] == switch["default"] in switch["choices"]
        assert len(switch["choices"]) > 1
        assert switch["reference"]
    for change in ({"cached_limit": "maybe"}, {"gravity": "off"}):
        assert d.raw("POST", "/_emulator/switches", "", json.dumps(change).encode()).status == 400
    with pytest.raises(SwitchError, match="gravity"):
        World.from_records([], now=START, switches={"gravity": "off"})


def test_same_seed_and_requests_give_the_same_world(desk):
    """Ids, wake times and values; another seed gives others."""
    sleeper = METER | {"sleep": {"kind": "psm", "wake_every_s": 3600, "awake_s": 20}}

    def run(seed):
        d = desk(sleeper, seed=seed)
        d.queue((5603, 1.0))
        d.advance(3600)
        return d.control("GET", "/devices")

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_hours_of_a_thousand_devices_pass_quickly(desk):
    """Each wakes and delivers within its own hour, whatever the jump."""
    sleeper = METER | {"sleep": {"kind": "psm", "wake_every_s": 3600, "awake_s": 20}}
    d = desk(*(sleeper | {"imei": str(number)} for number in range(1000)))
    for number in range(1000):
        d.queue((5603, 1.0), imei=str(number))
    d.advance(48 * 3600)
    devices = d.control("GET", "/devices")
    assert all(device["queue"][0]["state"] == "delivered" for device in devices)
    sent = {device["queue"][0]["send_time"] for device in devices}
    assert len(sent) > 900
    assert max(sent) < "2026-01-31T01:00:00"


def test_console_changes_the_device_past_all_checks(desk):
    """On OneNET somebody turns a knob at the device."""
    d = desk(AWAKE_METER)
    path = f"/devices/onenet/{IMEI}/console"
    assert d.control("POST", path, {"/3303/0/5700": 99.0})["values"]["/3303/0/5700"] == 99.0
    assert d.raw("POST", f"/_emulator{path}", "", b'{"5700": 1}').status == 400


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [("GET", "/nothing", b"", 404), ("POST", "/clock", b"{}", 400), ("POST", "/clock", b'{"advance_s":-1}', 400), ("POST", "/clock", b"{", 400),
     ("GET", "/devices/onenet/1", b"", 404), ("POST", f"/devices/onenet/{IMEI}/uplink", b'{"kind":"shout"}', 400), ("GET", "/log", b"", 200)],
)  # fmt: skip
def test_control_calls_refuse_nonsense(desk, method, path, body, status):
    """400 with a message, 404 for what is not there."""
    assert desk(METER).raw(method, f"/_emulator{path}", "", body).status == status


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "example.org", "::"])
def test_other_addresses_than_loopback_are_refused(host):
    """By name, before anything listens."""
    with pytest.raises(ValueError, match=host.replace(".", r"\.")):
        Emulator(World.from_records([], now=datetime.now(UTC)), host)
