"""`reconcile apply`: asking, approving, saved plans, and every reason to refuse one."""

import gzip
import json
import signal
import subprocess
import sys

from desk import RECORDS, Cloud, Desk, serving, wait_for


def test_without_yes_and_without_a_terminal_nothing_is_applied(desk):
    """Nobody to ask is a no."""
    done = desk.ok("apply", code=1)
    assert "nobody to ask" in done.err
    assert desk.cloud.sent() == []


def test_on_a_terminal_it_asks_and_a_no_sends_nothing(desk):
    """A yes sends."""
    done = desk.on_a_terminal("apply", answers=[("[y/N]", "n\n")], env={"CI": ""})
    assert done.code == 1
    assert desk.cloud.sent() == []
    done = desk.on_a_terminal("--lang", "zh", "apply", answers=[("[y/N]", "y\n")], env={"CI": ""})
    assert "应用以上计划" in done.out
    assert done.code == 0
    assert len(desk.cloud.sent()) == 3


def test_expected_digest_approves_that_plan_and_no_other(desk):
    """What was reviewed is what runs."""
    digest = desk.ok("plan", "--format", "json", "--refresh", "none").json["digest"]
    done = desk.ok("apply", "--expect", "sha256:" + "0" * 64, code=1)
    assert "RCL303" in done.err
    assert desk.cloud.sent() == []
    reviewed = desk.ok("plan", "--format", "json").json["digest"]
    desk.ok("apply", "--expect", reviewed)
    assert len(desk.cloud.sent()) == 3
    assert digest.startswith("sha256:")


def test_a_saved_plan_runs_once(desk):
    """Its second run is refused, and nothing is sent."""
    desk.ok("plan", "-o", "saved.plan")
    desk.ok("apply", "saved.plan")
    assert len(desk.cloud.sent()) == 3
    done = desk.ok("apply", "saved.plan", code=1)
    assert "RCL304" in done.err
    assert len(desk.cloud.sent()) == 3


def rewrite(path, change):
    """Changes the lines of a plan file."""
    lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    change(lines)
    path.write_bytes(gzip.compress(b"\n".join(json.dumps(line).encode() for line in lines) + b"\n"))


def test_tampered_cut_and_foreign_files_are_refused(desk):
    """RCL3xx each, and nothing is sent."""
    desk.ok("plan", "-o", "saved.plan")
    path = desk.folder / "saved.plan"
    whole = path.read_bytes()

    def raise_brightness(lines):
        text = json.dumps(lines).replace("60", "61")
        lines[:] = json.loads(text)

    spoiled = {
        "tampered": lambda: rewrite(path, raise_brightness),
        "later": lambda: rewrite(path, lambda lines: lines[0]["plan"].update(expires="2099-01-01T00:00:00Z")),
        "shorter": lambda: rewrite(path, lambda lines: lines.pop(-2)),
        "cut": lambda: path.write_bytes(whole[: len(whole) // 2]),
        "not a plan": lambda: path.write_text("{}"),
        "empty": lambda: path.write_bytes(b""),
        "another format": lambda: rewrite(path, lambda lines: lines[0]["plan"].update(format="reconcile-plan/2")),
    }
    for name, spoil in spoiled.items():
        path.write_bytes(whole)
        spoil()
        done = desk.ok("apply", "saved.plan", code=1)
        assert "RCL30" in done.err, name
        assert "Plan again" in done.err, name
    path.unlink()
    assert "RCL300" in desk.ok("apply", "saved.plan", code=1).err
    assert desk.cloud.sent() == []


def test_an_expired_plan_is_refused(desk):
    """A plan is a promise for a day."""
    desk.ok("plan", "-o", "saved.plan")
    script = (
        "import sys; from datetime import timedelta; from reconcile.runs import wiring; now = wiring.utc_now;"
        "wiring.utc_now = lambda: now() + timedelta(hours=25);"
        "from reconcile.cli import main; sys.argv[0] = 'reconcile'; main()"
    )
    words = desk.command("apply", "saved.plan")
    words = [sys.executable, "-c", script, *words[words.index("--endpoint") :]]
    done = subprocess.run(
        words, cwd=desk.folder, env=desk.environ(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "RCL305" in done.stderr
    assert desk.cloud.sent() == []


def test_a_plan_of_another_state_is_refused(desk):
    """Two checkouts with two states are two lineages."""
    desk.ok("apply", "--yes")
    desk.edit("lamps.yaml", "Brightness: 60", "Brightness: 70")
    desk.ok("plan", "-o", "saved.plan")
    sent = len(desk.cloud.sent())
    desk.ok("--state", "sqlite:///other.db", "apply", "--yes", "--device", "meter-1", code=0)
    sent = len(desk.cloud.sent())
    done = desk.ok("--state", "sqlite:///other.db", "apply", "saved.plan", code=1)
    assert "RCL306" in done.err
    assert len(desk.cloud.sent()) == sent


def test_a_stale_plan_is_refused(desk):
    """What it was made for has moved since."""
    desk.ok("apply", "--yes")
    desk.edit("lamps.yaml", "Brightness: 60", "Brightness: 70")
    desk.ok("plan", "-o", "saved.plan")
    desk.edit("lamps.yaml", "Brightness: 70", "Brightness: 80")
    desk.ok("apply", "--yes")
    sent = len(desk.cloud.sent())
    done = desk.ok("apply", "saved.plan", code=1)
    assert "RCL302" in done.err
    assert "lamp-1" in done.err
    assert len(desk.cloud.sent()) == sent


def test_partial_leaves_out_what_moved_and_applies_the_rest_once(desk):
    """Told, and the exit code says that it was not all."""
    assert "name its file" in desk.ok("apply", "--partial", code=1).err
    desk.ok("apply", "--yes")
    desk.edit("lamps.yaml", "Brightness: 60", "Brightness: 70")
    desk.edit("meters.yaml", "-20.0", "-21.0")
    desk.ok("plan", "-o", "saved.plan")
    desk.edit("lamps.yaml", "Brightness: 70", "Brightness: 80")
    desk.ok("apply", "--yes", "--device", "lamp-1")
    assert "--partial" in desk.ok("apply", "saved.plan", code=1).err
    done = desk.ok("apply", "--partial", "saved.plan", code=1)
    assert "1 device moved since the plan was made and left out: aliyun-prod/lamp-1" in done.err
    assert desk.cloud.lamp()["desired"]["Brightness"]["value"] == 80
    assert len(desk.cloud.log("queue_write")) == 4
    assert "RCL304" in desk.ok("apply", "--partial", "saved.plan", code=1).err
    desk.ok("plan", "--detailed-exitcode", code=3)


def test_a_plan_for_a_platform_that_left_the_fleet_is_refused(desk):
    """Nobody knows any more where to send it."""
    desk.ok("plan", "-o", "saved.plan")
    (desk.folder / "manifests" / "lamps.yaml").unlink()
    text = (desk.folder / "manifests" / "fleet.yaml").read_text()
    (desk.folder / "manifests" / "fleet.yaml").write_text(text[: text.index("    aliyun-prod:")])
    desk.platforms = ("onenet-prod",)
    assert "RCL307" in desk.ok("apply", "saved.plan", code=1).err
    assert desk.cloud.sent() == []


def test_a_device_that_cannot_be_read_is_left_alone_and_the_exit_code_is_explained(tmp_path, desk):
    """The others are applied; 1 says that something is left."""
    done = desk.ok("apply", "--yes", env={"ALIYUN_SK": "wrong"}, code=1)
    assert (
        "1 device could not be read, and nothing is done to them. The first reason: SignatureDoesNotMatch" in done.err
    )
    assert {entry["operation"] for entry in desk.cloud.sent() if entry["landed"]} == {"queue_write"}
    desk.ok("apply", "--yes")
    assert desk.cloud.lamp()["desired"]["Brightness"]["value"] == 60


def test_an_attempt_in_doubt_ends_with_5_and_the_same_command_settles_it(desk):
    """Killed while a request was on its way: it is asked what became of it, and nothing is sent twice."""
    desk.cloud.post("/faults", {"rules": [{"match": {"operation": "set_desired", "nth": 1}, "fault": "slow:600"}]})
    words = desk.command("apply", "--yes", "--device", "lamp-1")
    process = subprocess.Popen(
        words, cwd=desk.folder, env=desk.environ(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    wait_for(lambda: desk.cloud.log("set_desired"))
    process.kill()
    process.communicate()
    desk.ok("plan", "--detailed-exitcode", "--refresh", "none", code=5)
    unreachable = Desk(desk.folder, Cloud("http://127.0.0.1:1"))
    words = unreachable.command("apply", "--yes", "--device", "lamp-1")
    process = subprocess.Popen(
        words, cwd=desk.folder, env=desk.environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert "waiting to learn" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 5
    assert "still in doubt" in process.stderr.read()
    process.communicate()
    desk.cloud.post("/faults", {"rules": []})
    desk.ok("apply", "--yes", "--device", "lamp-1")
    assert len([entry for entry in desk.cloud.log("set_desired") if entry["landed"]]) == 1
    desk.ok("plan", "--detailed-exitcode", "--device", "lamp-1")


def test_a_state_folder_that_may_not_be_written_stops_before_the_first_request(tmp_path):
    """The journal comes first."""
    with serving(RECORDS) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url))
        (tmp_path / "file").write_text("")
        desk.run("--state", "sqlite:///file/state.db", "apply", "--yes")
        assert desk.cloud.sent() == []
