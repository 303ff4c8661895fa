"""`reconcile emulate`: a process that serves both clouds until it is interrupted."""

import json
import re
import signal
import subprocess
from contextlib import contextmanager

import pytest
from desk import Cloud, Desk, wait_for

LINE = '{"cloud": "onenet", "imei": "865820030000001"}\n'


@contextmanager
def emulating(desk, *arguments):
    """A served emulator: the process and its control calls."""
    process = subprocess.Popen(
        desk.command("emulate", *arguments, endpoints=False), cwd=desk.folder, env=desk.environ(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        first = process.stdout.readline()
        found = re.search(r"emulating (\d+) devices? on (http://127\.0\.0\.1:\d+)$", first.strip())
        assert found, first + process.stderr.read()
        yield process, Cloud(found[2]), int(found[1])
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_the_example_fleet_is_served_applied_and_settled(tmp_path, offline):
    """The manifests are the population; a second process drives it; SIGINT ends it with 0."""
    with emulating(offline, "--port", "0") as (process, cloud, devices):
        assert devices == 3
        assert cloud.get("/health")["ok"]
        desk = Desk(offline.folder, cloud)
        desk.ok("apply", "--yes")
        assert cloud.lamp()["desired"]["Brightness"]["value"] == 60
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
        assert "emulator-master-key" in process.stdout.read()
        assert process.stderr.read() == ""


def test_population_file_faults_switches_and_speed_are_in_force(offline):
    """Each option is seen in a control call."""
    (offline.folder / "fleet.ndjson").write_text(LINE)
    (offline.folder / "faults.json").write_text(
        '{"rules": [{"match": {"operation": "queue_write"}, "fault": "throttle"}]}'
    )
    options = (
        "--fleet",
        "fleet.ndjson",
        "--faults",
        "faults.json",
        "--switch",
        "cached_limit=evict",
        "--speed",
        "3600",
    )
    with emulating(offline, "--port", "0", "--seed", "7", *options) as (process, cloud, devices):
        assert devices == 1
        assert [device["imei"] for device in cloud.get("/devices")] == ["865820030000001"]
        assert cloud.get("/faults")["rules"][0]["fault"] == ["throttle"]
        assert "evict" in json.dumps([s for s in as_list(cloud.get("/switches")) if s.get("name") == "cached_limit"])
        before = cloud.get("/health")["now"]
        wait_for(lambda: cloud.get("/health")["now"][:16] > before[:16])
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
        assert process.returncode == 0


def as_list(views):
    """Switches as objects with names, whichever way they are listed."""
    return (
        views
        if isinstance(views, list)
        else [{"name": name} | (v if isinstance(v, dict) else {"v": v}) for name, v in views.items()]
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--fleet", "bad.ndjson"], "bad.ndjson:3: cloud is onenet or aliyun, not 'tencent'"),
        (["--fleet", "text.ndjson"], "text.ndjson:1: "),
        (["--fleet", "none.ndjson"], "no such file or folder"),
        (["--switch", "cached_limits=evict"], "unknown switch 'cached_limits'; known: "),
        (["--switch", "cached_limit=maybe"], "is refuse or evict, not 'maybe'"),
        (["--switch", "cached_limit"], "NAME=VALUE"),
        (["--faults", "{"], "fault script cannot be read"),
        (["--faults", '{"rules": [{"match": {}, "fault": "fire"}]}'], "unknown fault 'fire'; known: "),
        (
            ["--faults", '{"rules": [{"match": {"operation": "queue_wrtie"}, "fault": "throttle"}]}'],
            "unknown operation 'queue_wrtie'; known: ",
        ),
        (["--faults", "none.json"], "fault script cannot be read"),
    ],
)
def test_bad_populations_switches_and_faults_are_told_with_exit_1(offline, arguments, says):
    """With file and line where there is a file."""
    (offline.folder / "bad.ndjson").write_text(LINE + "\n" + '{"cloud": "tencent"}\n')
    (offline.folder / "text.ndjson").write_text("imei\n")
    done = offline.ok("emulate", "--port", "0", *arguments, code=1)
    assert says in done.err
    assert done.out == ""


def test_broken_manifests_are_no_population(offline):
    """They are diagnosed as `validate` would."""
    offline.edit("lamps.yaml", "platform: aliyun-prod", "platform: aliyun-prd")
    assert "RCL121" in offline.ok("emulate", "--port", "0", code=1).err


def test_a_port_in_use_is_told_with_advice(desk):
    """Two emulators on one port."""
    port = desk.cloud.url.rpartition(":")[2]
    done = desk.ok("emulate", "--port", port, code=1)
    assert f"port {port} cannot be used" in done.err
    assert "--port 0" in done.err
