"""The emulator on a socket: manners, faults on the wire, seed-page samples, fleets over time."""

import asyncio
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from emulator_population import IMEI, RECORDS

import reconcile
from reconcile.emulator import Emulator, EmulatorThread, World

WRITE = {"imei": IMEI, "obj_id": 3303, "obj_inst_id": 0, "mode": 2}
BODY = {"data": [{"res_id": 5603, "val": 1.5}]}


def in_beijing(seconds):
    return (datetime.now(UTC) + timedelta(hours=8, seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


def test_every_answer_is_marked(http):
    """Vendor paths, control calls, refusals and unknown paths; with the emulator's date."""
    for path in (
        "/_emulator/health",
        "/nbiot",
        "/nb-iot",
        "/LwM2M-online?action=read",
        "/",
        "/device/detail",
        "/nowhere",
    ):
        assert http.get(path).headers["X-Emulator"] == "1"
    http.post("/_emulator/clock", json={"advance_s": 86400})
    date = datetime.strptime(http.get("/nbiot").headers["Date"], "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    assert timedelta(hours=23) < date - datetime.now(UTC) < timedelta(hours=25)


@pytest.mark.parametrize("path", ["/_emulator/health", "/nbiot", "/"])
def test_foreign_host_name_is_refused(http, path):
    """A page in a browser cannot reach the emulator under another name."""
    answer = http.get(path, headers={"Host": "evil.example:80"})
    assert (answer.status_code, answer.headers["X-Emulator"]) == (421, "1")
    for host in ("localhost:1", "127.0.0.1", "[::1]:8931"):
        assert http.get("/_emulator/health", headers={"Host": host}).status_code == 200


def test_sleeping_meter_gets_its_command_at_the_next_wake(http):
    """Instant write times out, cached write waits, an hour passes, the value is there."""
    assert http.post("/nbiot", params=WRITE, json=BODY).json()["error"] == "unsuccess:TIME_OUT"
    answer = http.post("/nbiot/offline", params=WRITE | {"expired_time": in_beijing(7200)}, json=BODY).json()
    http.post("/_emulator/clock", json={"advance_s": 3600})
    device = http.get(f"/_emulator/devices/onenet/{IMEI}").json()
    assert (device["values"]["/3303/0/5603"], device["queue"][0]["uuid"], device["queue"][0]["state"]) == (
        1.5,
        answer["data"]["uuid"],
        "delivered",
    )


def test_seed_page_samples(http):
    """The requests printed on the vendor's pages, with dates of today."""
    imei = "8658200312"
    span = {
        "imei": imei,
        "valid_time": in_beijing(60),
        "expired_time": in_beijing(86400),
        "obj_id": 1212,
        "obj_inst_id": 1212,
    }
    execute = http.post("/nbiot/execute/offline", params=span | {"res_id": 123}, json={"args": "ping"})
    assert execute.json()["error"] == "succ"
    for data in ([{"res_id": 12, "val": 121}], [{"res_id": 12, "type": 1, "val": "121A"}]):
        answer = http.post("/nbiot/offline", params=span | {"mode": 1}, json={"data": data}).json()
        assert (answer["errno"], answer["error"], len(answer["data"]["uuid"])) == (0, "succ", 36)
    instant = http.post(
        "/nbiot",
        params={"imei": imei, "obj_id": 3, "obj_inst_id": 0, "mode": 2},
        json={"data": [{"res_id": 12, "val": 121}]},
    )
    assert instant.json() == {"errno": 0, "error": "succ"}


@pytest.mark.parametrize("fault", ["drop_before_landing", "drop_answer_after_landing", "truncated_body"])
def test_cut_connection_reaches_the_client_as_an_error(http, fault):
    """And the next request on a new connection is answered."""
    http.post("/_emulator/faults", json={"rules": [{"match": {"operation": "queue_write", "nth": 1}, "fault": fault}]})
    with pytest.raises(httpx.RemoteProtocolError):
        http.post("/nbiot/offline", params=WRITE | {"expired_time": in_beijing(600)}, json=BODY)
    landed = fault != "drop_before_landing"
    entry = http.get("/_emulator/log").json()[0]
    assert (entry["landed"], entry["answered"], entry["fault"]) == (landed, False, fault)
    assert len(http.get(f"/_emulator/devices/onenet/{IMEI}").json()["queue"]) == int(landed)


def test_slow_answer_comes_after_the_effect(http):
    """A client that gives up does not know; the log knows both."""
    http.post("/_emulator/faults", json={"rules": [{"fault": "slow:0.15"}]})
    started = time.monotonic()
    assert http.post("/nbiot/offline", params=WRITE | {"expired_time": in_beijing(600)}, json=BODY).json()["errno"] == 0
    assert time.monotonic() - started >= 0.15
    with pytest.raises(httpx.ReadTimeout):
        http.post("/nbiot/offline", params=WRITE | {"expired_time": in_beijing(600)}, json=BODY, timeout=0.05)
    for _ in range(50):
        entries = http.get("/_emulator/log").json()
        if not entries[1]["answered"]:
            break
        time.sleep(0.02)
    assert [(entry["landed"], entry["answered"]) for entry in entries] == [(True, True), (True, False)]


def test_garbled_answer_keeps_its_status(http):
    """200, and not JSON."""
    http.post("/_emulator/faults", json={"rules": [{"fault": "garbled_body"}]})
    answer = http.get("/nbiot", params={"imei": IMEI, "obj_id": 3})
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r".*"):
        answer.json()


def test_devices_of_both_clouds_are_listed(http):
    """Truth of every device in one array."""
    devices = http.get("/_emulator/devices").json()
    assert [device.get("imei", device.get("deviceName")) for device in devices] == [IMEI, "8658200312", "lamp"]
    names = {"online", "last_uplink", "values", "executions", "queue", "desired", "reported"}
    assert all(names <= set(device) for device in devices)


def test_many_keep_alive_clients_are_served_at_once():
    """Every request of 50 clients is in the log exactly once."""
    world = World.from_records(RECORDS, now=datetime.now(UTC))

    async def client(session, number):
        for step in range(10):
            await session.get("/nbiot", params={"imei": IMEI, "obj_id": number, "obj_inst_id": step})

    async def main():
        async with Emulator(world) as served, httpx.AsyncClient(base_url=served.url, trust_env=False) as session:
            await asyncio.gather(*(client(session, number) for number in range(50)))

    asyncio.run(main())
    assert {entry.target for entry in world.log.entries} == {f"/{n}/{s}" for n in range(50) for s in range(10)}
    assert [entry.seq for entry in world.log.entries] == list(range(1, 501))


def test_speed_runs_the_clock_faster():
    """A tenth of a second of real time is more than a minute and a half at speed 1000."""
    start = datetime(2026, 1, 31, tzinfo=UTC)
    with EmulatorThread(World.from_records([], now=start), speed=1000) as served:
        time.sleep(0.1)
        assert served.emulator.now() - start >= timedelta(seconds=95)


def test_port_in_use_is_an_error_for_the_caller(emulator):
    """Not a thread that died quietly."""
    with (
        pytest.raises(OSError, match="address"),
        EmulatorThread(World.from_records([], now=datetime.now(UTC)), emulator.port),
    ):
        pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_foreground_server_stops_on_a_signal(number):
    """`serve` says where it is, answers, and ends with status 0."""
    program = (
        "from datetime import UTC, datetime; from reconcile.emulator import World, serve; "
        "serve(World.from_records([], now=datetime.now(UTC)), 0, ready=lambda url: print(url, flush=True))"
    )
    root = Path(reconcile.__file__).parents[1]
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=root) as process:
        url = process.stdout.readline().strip()
        assert httpx.get(f"{url}/_emulator/health", trust_env=False).json()["ok"] is True
        process.send_signal(number)
        assert process.wait(timeout=10) == 0


def test_server_listens_on_loopback_only(emulator):
    """The machine's other addresses, if it has any, refuse the connection."""
    for _, _, _, _, address in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET):
        if not address[0].startswith("127."):
            with pytest.raises(OSError, match=r".*"):
                socket.create_connection((address[0], emulator.port), timeout=0.2)
