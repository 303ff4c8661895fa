"""Every broken case through the real command line: exit code, streams, CPU time and memory, and nothing sent."""

import json
import os
import resource
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconcile.emulator import EmulatorThread, World

BROKEN = Path(__file__).parent / "broken"
CASES = sorted(path.name for path in BROKEN.iterdir() if path.is_dir())
SAMPLE = ["all-problems-at-once", "bomb", "csv-rows", "many-broken-rows", "tsl-out-of-range", "value-over-2k"]
KEYS = {"ONENET_MASTER_KEY": "emulator-master-key", "ALIYUN_AK": "emulator-ak", "ALIYUN_SK": "emulator-secret"}

# One interpreter, and a child of it for every case: each has its own streams, exit code, CPU time and memory.
BATCH = """
import json, os, sys, tempfile
from reconcile.cli.root import run
import reconcile.runs.load, reconcile.report.diagnostics
for folder in sys.stdin.read().splitlines():
    out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.dup2(out.fileno(), 1), os.dup2(err.fileno(), 2)
        code = run(["--manifests", folder, "validate"])
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(code)
    _, status, used = os.wait4(child, 0)
    out.seek(0), err.seek(0)
    print(json.dumps({
        "case": os.path.basename(folder), "code": os.waitstatus_to_exitcode(status),
        "out": out.read().decode(), "err": err.read().decode(),
        "cpu_s": used.ru_utime + used.ru_stime, "peak_mib": used.ru_maxrss / 1024,
    }), flush=True)
"""


def expected(case):
    return (BROKEN / case / "expected.txt").read_text(encoding="utf-8").splitlines()


def has_errors(case):
    return any(line.split(" ")[1] == "error" for line in expected(case))


@pytest.fixture(scope="module")
def validated():
    """What `reconcile validate` says of every case."""
    folders = "\n".join(str(BROKEN / case) for case in CASES)
    done = subprocess.run(
        [sys.executable, "-c", BATCH], input=folders, capture_output=True, text=True, timeout=100, check=True
    )
    return {found["case"]: found for found in map(json.loads, done.stdout.splitlines())}


def test_validate_refuses_every_broken_case_with_1_and_all_its_problems(validated):
    """Codes and places on standard error, in the words of the golden file; nothing on standard output."""
    assert set(validated) == set(CASES)
    for case, found in validated.items():
        assert found["code"] == int(has_errors(case)), case
        assert bool(found["out"]) != has_errors(case), case
        told = " ".join(found["err"].split())
        for line in expected(case):
            code, severity, place, *_ = line.split(" ")
            assert f"{code} {severity}: " in told, case
            assert not place or place in told, (case, place)
        assert "Traceback" not in found["err"], case
        assert "internal error" not in found["err"], case


def test_validate_takes_under_2_s_and_256_mib_for_every_case(validated):
    """CPU time, as others may use the machine."""
    assert {case: found["cpu_s"] for case, found in validated.items() if found["cpu_s"] >= 2} == {}
    assert {case: found["peak_mib"] for case, found in validated.items() if found["peak_mib"] >= 256} == {}


@pytest.mark.parametrize("case", SAMPLE)
def test_a_process_of_its_own_pays_for_start_up_too(case):
    """The whole command, from nothing."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = [sys.executable, "-m", "reconcile", "--manifests", str(BROKEN / case), "validate"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 1
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2


@pytest.mark.parametrize("command", [["plan"], ["plan", "--refresh", "all"], ["apply", "--yes"], ["drift"], ["status", "--refresh"]])  # fmt: skip
def test_no_command_asks_or_sends_anything_for_broken_manifests(command, tmp_path):
    """The clouds' own log stays empty, and no state is left behind."""
    with EmulatorThread(World.from_records([], now=datetime.now(UTC))) as emulator:
        for case in SAMPLE[:1] + SAMPLE[4:]:
            words = [
                sys.executable,
                "-m",
                "reconcile",
                "--manifests",
                str(BROKEN / case),
                "--state",
                f"sqlite:///{tmp_path}/s.db",
            ]
            words += [f"--endpoint={name}={emulator.url}" for name in ("onenet-prod", "aliyun-prod")]
            done = subprocess.run(
                [*words, *command], env={**os.environ, **KEYS}, capture_output=True, text=True, timeout=60, check=False
            )
            assert done.returncode == 1, done.stderr
            assert "RCL" in done.stderr
            assert done.stdout == ""
        assert emulator.world.log.entries == []
    assert list(tmp_path.iterdir()) == []
