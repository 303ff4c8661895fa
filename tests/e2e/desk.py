"""A desk to work at: a folder, an emulator, and the command line, in processes of its own or called inside this one."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import sysconfig
import time
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from inside import called

from reconcile.emulator import EmulatorThread, World

RECONCILE = Path(sysconfig.get_path("scripts")) / "reconcile"
COMMAND = [str(RECONCILE)] if RECONCILE.exists() else [sys.executable, "-m", "reconcile"]
KEYS = {
    "ONENET_MASTER_KEY": "emulator-master-key",
    "ONENET_ACCESS_KEY": "ZW11bGF0b3ItYWNjZXNzLWtleS0wMDAwMDAwMDAwMDA=",
    "ALIYUN_AK": "emulator-ak",
    "ALIYUN_SK": "emulator-secret",
}
COLOR = "\x1b["
PSM = {"kind": "psm", "wake_every_s": 3600, "awake_s": 20}

FLEET = """\
apiVersion: reconcile/v1
kind: Fleet
metadata: {name: city}
spec:
  platforms:
    onenet-prod:
      type: onenet
      instant: {api: classic}
      cached: {api: classic}
      credentials: {masterKey: {env: ONENET_MASTER_KEY}}
    aliyun-prod:
      type: aliyun
      region: cn-shanghai
      credentials: {accessKeyId: {env: ALIYUN_AK}, accessKeySecret: {env: ALIYUN_SK}}
"""
METERS = """\
apiVersion: reconcile/v1
kind: Profile
metadata: {name: meters}
spec:
  selector: {matchLabels: {class: meter}}
  resources: {/3303/0/5603: -20.0, /3303/0/5604: 60.0}
  delivery: {mode: queue}
---
apiVersion: reconcile/v1
kind: Device
metadata: {name: meter-1, labels: {class: meter, site: chaoyang}}
spec: {platform: onenet-prod, imei: "865820030000001"}
---
apiVersion: reconcile/v1
kind: Device
metadata: {name: meter-2, labels: {class: meter, site: haidian}}
spec: {platform: onenet-prod, imei: "865820030000002"}
"""
LAMPS = """\
apiVersion: reconcile/v1
kind: Device
metadata: {name: lamp-1, labels: {class: lamp, site: haidian}}
spec: {platform: aliyun-prod, productKey: a1BwAGVxxxx, properties: {Brightness: 60, LightSwitch: 1}}
"""
RECORDS = [
    {"cloud": "onenet", "imei": "865820030000001", "sleep": PSM},
    {"cloud": "onenet", "imei": "865820030000002", "sleep": PSM},
    {"cloud": "aliyun", "productKey": "a1BwAGVxxxx", "deviceName": "lamp-1"},
]


@dataclass(frozen=True)
class Done:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        """Standard output as JSON."""
        return json.loads(self.out)


class Cloud:
    """An emulator in a thread, and its control calls."""

    def __init__(self, url):
        self.url = url

    def get(self, path):
        """The answer to a control call."""
        with urllib.request.urlopen(f"{self.url}/_emulator{path}", timeout=10) as answer:
            return json.load(answer)

    def post(self, path, body):
        """Does something to the clouds or the devices."""
        request = urllib.request.Request(f"{self.url}/_emulator{path}", json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def log(self, *operations):
        """Every request so far, or those of some operations."""
        return [entry for entry in self.get("/log") if not operations or entry["operation"] in operations]

    def sent(self):
        """Every request that was meant to change something."""
        return [entry for entry in self.get("/log") if entry["mutating"]]

    def meter(self, imei="865820030000001"):
        """The truth of a OneNET device."""
        return self.get(f"/devices/onenet/{imei}")

    def lamp(self, name="lamp-1", product="a1BwAGVxxxx"):
        """The truth of an Aliyun device."""
        return self.get(f"/devices/aliyun/{product}/{name}")

    def pass_time(self, seconds):
        """Moves the emulator's clock; sleepers wake."""
        return self.post("/clock", {"advance_s": seconds})


@dataclass
class Desk:
    """A working directory with manifests, and the command line pointed at a cloud."""

    folder: Path
    cloud: Cloud | None = None
    platforms: tuple[str, ...] = ("onenet-prod", "aliyun-prod")
    manifests: str = "manifests"
    env: dict[str, str] = field(default_factory=dict)
    starts_processes: ClassVar[bool] = True

    def write(self, files):
        """Files below the manifests folder."""
        for name, content in files.items():
            path = self.folder / self.manifests / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return self

    def edit(self, name, old, new):
        """Replaces text in one manifest."""
        path = self.folder / self.manifests / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def run(self, *arguments, env=None, keys=KEYS, endpoints=True, apart=False, **options):
        """`reconcile ARGUMENTS` to its end; `env` adds, a value of None removes; `apart`: in a process of its own."""
        if not (Desk.starts_processes or apart or options):
            words = self.command(*arguments, endpoints=endpoints)[len(COMMAND) :]
            code, out, err = called(words, self.folder, self.environ(env, keys))
            assert "Traceback" not in err, err
            return Done(code, out, err)
        done = subprocess.run(
            self.command(*arguments, endpoints=endpoints), cwd=self.folder, env=self.environ(env, keys),
            capture_output=True, text=True, encoding="utf-8", timeout=60, check=False, stdin=subprocess.DEVNULL, **options,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    def ok(self, *arguments, code=0, **options):
        """As `run`, and the exit code is what it should be."""
        done = self.run(*arguments, **options)
        assert done.code == code, f"exit {done.code}, expected {code}\n{done.out}\n{done.err}"
        return done

    def command(self, *arguments, endpoints=True):
        """The words of a command line."""
        words = [*COMMAND] if self.manifests == "manifests" else [*COMMAND, "--manifests", self.manifests]
        if endpoints and self.cloud is not None:
            for name in self.platforms:
                words += ["--endpoint", f"{name}={self.cloud.url}"]
        return [*words, *map(str, arguments)]

    def environ(self, env=None, keys=KEYS):
        """The environment of a command."""
        merged = {**os.environ, **keys, **self.env, **(env or {})}
        return {name: value for name, value in merged.items() if value is not None}

    def on_a_terminal(self, *arguments, answers=(), env=None, keys=KEYS):
        """Runs on a pseudo-terminal; `answers` are (prompt, typed text). Returns exit code and all that was shown."""
        master, slave = pty.openpty()
        environ = self.environ({"TERM": "xterm-256color", "COLUMNS": "80", **(env or {})}, keys)
        process = subprocess.Popen(
            self.command(*arguments), cwd=self.folder, env=environ, stdin=slave, stdout=slave, stderr=slave
        )
        os.close(slave)
        shown, waiting, until = b"", list(answers), time.monotonic() + 60
        while time.monotonic() < until:
            if not select.select([master], [], [], 0.1)[0]:
                if process.poll() is not None:
                    break
                continue
            try:
                piece = os.read(master, 65536)
            except OSError:  # Linux says so when the other side is closed
                break
            if not piece:
                break
            shown += piece
            if waiting and waiting[0][0].encode() in shown:
                os.write(master, waiting.pop(0)[1].encode())
        os.close(master)
        code = process.wait(timeout=10)
        text = shown.decode("utf-8", "replace").replace("\r\n", "\n")
        assert "Traceback" not in text, text
        return Done(code, text, "")


def serving(records, **options):
    """An emulator with these devices, to be used as a context manager."""
    return EmulatorThread(World.from_records(records, now=datetime.now(UTC), **options))


def wait_for(condition, seconds=20.0):
    """Polls until something is true and returns it."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not become true in time")
