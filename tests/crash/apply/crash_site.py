"""The program as processes beside an emulator, and what must hold of the emulator's log whatever is applied."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime
from types import MappingProxyType

from crash_backends import BACKENDS, opened
from crash_journal import uncovered

from reconcile.emulator import EmulatorThread, World
from reconcile.runs.plan import Request, Scope, make_plan
from reconcile.runs.session import Options, Session

KEYS = {
    "ONENET_MASTER_KEY": "emulator-master-key",
    "ONENET_ACCESS_KEY": "ZW11bGF0b3ItYWNjZXNzLWtleS0wMDAwMDAwMDAwMDA=",
    "ALIYUN_AK": "emulator-ak",
    "ALIYUN_SK": "emulator-secret",
}
WAIT_S = 60.0


class Site:
    """Manifests, state and clouds of one history. What is applied, and what must come of it, a subclass says."""

    POPULATION = ()
    NAMES = MappingProxyType({})
    """The clouds' names of devices, by ours."""
    ENDPOINTS = ("onenet-prod", "aliyun-prod")
    WORDS = ("apply", "--yes")
    """The command that is killed, and run again."""

    copies = 1
    """How often a request arrives that was sent once."""

    def __init__(self, folder, emulator, state):
        self.folder, self.emulator, self.state_url = folder, emulator, state
        self.url = emulator.url  # what the program is told
        self.manifests = folder / "manifests"
        self.manifests.mkdir()
        self.write()

    def write(self):
        """The manifests that the history begins with."""
        raise NotImplementedError

    def prepare(self):
        """What comes before the command that is killed."""

    def meanwhile(self, run):
        """What happens while the process that dies lives."""

    def finish(self):
        """The same command, to its end."""
        code, said = self.run(*self.WORDS)
        assert code == 0, said

    def check(self):
        """What must hold when it is through."""
        raise NotImplementedError

    def file(self, name, text):
        (self.manifests / name).write_text(text, encoding="utf-8")

    def command(self, *words, program=("-m", "reconcile")):
        endpoints = [word for name in self.ENDPOINTS for word in ("--endpoint", f"{name}={self.url}")]
        return [
            *(sys.executable, *map(str, program), "--manifests", str(self.manifests)),
            *("--state", self.state_url, *endpoints, *words),
        ]

    def environ(self):
        return {**os.environ, **KEYS, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}

    def in_namespace(self, *words):
        """Runs a command where it may mount what it likes. The exit code, and what was said."""
        run = subprocess.run(
            ["unshare", "-rm", *words], env=self.environ(), capture_output=True, timeout=60, check=False
        )
        assert run.returncode != 99, "the disk could not be mounted"
        return run.returncode, (run.stdout + run.stderr).decode()

    @contextmanager
    def started(self, *words, **program):
        process = subprocess.Popen(
            self.command(*words, **program),
            env=self.environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    def run(self, *words, **program):
        """Runs to the end. The exit code, and what was said."""
        with self.started(*words, **program) as process:
            said, _ = process.communicate(timeout=60)
            return process.returncode, said.decode()

    def run_while_time_flies(self, *words):
        """As `run`, while the clouds' clocks go ten times as fast as ours."""
        with self.started(*words) as process:

            def has_ended():
                if process.poll() is None:
                    self.skip(1)
                    time.sleep(0.1)
                return process.poll() is not None

            wait_until(has_ended)
            return process.returncode, process.stdout.read().decode()

    def apply(self):
        code, said = self.run("apply", "--yes")
        assert code == 0, said

    def kill_when(self, is_time, *words, number=signal.SIGKILL):
        """Starts the program and sends it the signal at a moment; true when it was still running."""
        with self.started(*words) as process:
            wait_until(lambda: is_time() or process.poll() is not None)
            process.send_signal(number)
            process.communicate(timeout=30)
            return process.returncode == -number

    def post(self, path, body):
        request = urllib.request.Request(self.emulator.url + "/_emulator" + path, json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def get(self, path):
        with urllib.request.urlopen(self.emulator.url + "/_emulator" + path, timeout=10) as answer:
            return json.load(answer)

    def log(self):
        return self.get("/log?after=0")

    def landed(self, operation):
        """Requests of a kind that took effect."""
        return [entry for entry in self.log() if entry["operation"] == operation and entry["landed"]]

    def mutating(self, operation=None):
        """How many mutating requests arrived so far; read without a request, as it is asked very often."""
        entries = self.emulator.world.log.entries
        return sum(entry.mutating and operation in (None, entry.operation) for entry in entries)

    def fault(self, operation, *faults, nth=1):
        self.post("/faults", {"rules": [{"match": {"operation": operation, "nth": nth}, "fault": list(faults)}]})

    def heal(self):
        self.post("/faults", {"rules": []})

    def skip(self, seconds=30):
        """The clouds' clocks move on, so that no copy of an open attempt can land any more."""
        self.post("/clock", {"advance_s": seconds})

    def wake(self, imei):
        """The sleeper speaks, long enough after what waits was queued to be given it."""
        self.skip()
        self.post(f"/devices/onenet/{imei}/uplink", {"kind": "update"})

    def state(self):
        """The state, to be looked into."""
        return opened(self.state_url)

    def plan(self, scope=None):
        endpoints = dict.fromkeys(self.ENDPOINTS, self.url)
        options = Options(self.manifests, self.state_url, endpoints, KEYS)

        async def look(session):
            try:
                return (await make_plan(session, Request(scope=scope or Scope()))).plan
            finally:
                await session.close_clients()

        with Session.open(options, creates_state=True) as session:
            return asyncio.run(look(session))

    def check_journal_came_first(self):
        """Every mutating request that arrived has its durable INFLIGHT, with the precondition the cloud checked."""
        with self.state() as store:
            missing = uncovered(store.journal(), self.log(), self.NAMES, self.copies)
        assert not missing, missing

    def check_at_rest(self):
        """Nothing is open, and there is nothing to do."""
        self.check_journal_came_first()
        plan = self.plan()
        assert not plan.classes, plan.classes
        with self.state() as store:
            assert store.open_attempts() == []


def wait_until(is_true):
    deadline = time.monotonic() + WAIT_S
    while not is_true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.001)


@contextmanager
def site(folder, kind, backend="sqlite"):
    """A history of that kind in a folder of its own."""
    with EmulatorThread(World.from_records(kind.POPULATION, now=datetime.now(UTC))) as emulator:
        yield kind(folder, emulator, BACKENDS[backend](folder))
