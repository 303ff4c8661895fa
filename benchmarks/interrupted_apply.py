"""`reconcile apply`, interrupted: a command for each meter that has to run once, counted on the emulated devices."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from benchmarks.measure import ROOT, Failed, environment, reconcile
from benchmarks.servers import KEYS

_FLEET = """\
apiVersion: reconcile/v1
kind: Fleet
metadata: {name: interrupted}
spec:
  platforms:
    onenet-prod:
      type: onenet
      instant: {api: studio, endpoint: "https://openapi.heclouds.com"}
      cached: {api: classic, endpoint: "https://api.heclouds.com"}
      credentials: {masterKey: {env: ONENET_MASTER_KEY}, accessKey: {env: ONENET_ACCESS_KEY}, resource: "userid/38055"}
      quota: {requestsPerSecond: 40}
  inventory: [devices.csv]
  defaults: {delivery: {mode: queue, validAfter: 10s}}
---
apiVersion: reconcile/v1
kind: Profile
metadata: {name: meters}
spec:
  selector: {matchLabels: {class: meter}}
  resources: {/3303/0/5603: 2.0}
  commands: {reboot: {execute: /3/0/4, after: [/3303/0/5603]}}
"""


class Reconcile:
    """A folder with `count` meters that are awake; `port` is an emulator of them, see `population`."""

    name = "`reconcile`"

    def __init__(self, folder: Path, count: int, port: int) -> None:
        self._folder, self._port, self._url = folder, port, f"sqlite:///{folder / 'state.db'}"
        (folder / "fleet").mkdir()
        (folder / "fleet" / "fleet.yaml").write_text(_FLEET, encoding="utf-8")
        rows = [f"meter-{number:04d},onenet-prod,{_imei(number)},meter" for number in range(count)]
        text = "\n".join(["name,platform,imei,class", *rows, ""])
        (folder / "fleet" / "devices.csv").write_text(text, encoding="utf-8")

    def start(self) -> subprocess.Popen[bytes]:
        """An apply, in a process group of its own."""
        return subprocess.Popen(
            self._words("apply", "--yes"),
            cwd=ROOT,
            env=environment(KEYS),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def begun(self) -> int:
        """How many commands the cloud has taken."""
        return sum(entry["operation"] == "queue_execute" and entry["landed"] for entry in self._call("log"))

    def done(self) -> Counter[str]:
        """How often each meter ran its command."""
        return Counter({device["imei"]: len(device["executions"]) for device in self._call("devices")})

    def lose_state(self) -> None:
        """As when nobody had kept it."""
        for file in self._folder.glob("state.db*"):
            file.unlink()

    def converge(self) -> str:
        """Applies until a plan has nothing to do and nothing waits; the meters wake after each apply.

        Returns what had to be done by hand. Raises: Failed.
        """
        for _ in range(10):
            done = self._run("apply", "--yes")
            self._call("clock", {"advance_s": 120})
            if done.returncode == 0 and self._run("plan", "--detailed-exitcode").returncode == 0:
                return "nothing"
        raise Failed(f"reconcile did not converge: {done.stdout.decode()[-500:]} {done.stderr.decode()[-500:]}")

    def _call(self, what: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        asked = Request(f"http://127.0.0.1:{self._port}/_emulator/{what}", data=data)
        with contextlib.closing(build_opener(ProxyHandler({})).open(asked, timeout=60)) as answer:  # loopback
            return json.load(answer)

    def _words(self, *words: str) -> list[str]:
        endpoint = f"onenet-prod=http://127.0.0.1:{self._port}"
        folder = str(self._folder / "fleet")
        return reconcile("--manifests", folder, "--state", self._url, "--endpoint", endpoint, *words)

    def _run(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            self._words(*words), cwd=ROOT, env=environment(KEYS), capture_output=True, check=False, timeout=600
        )


def population(file: Path, count: int) -> None:
    """Writes the meters for an emulator."""
    citizens = [{"cloud": "onenet", "imei": _imei(number), "sleep": {"kind": "none"}} for number in range(count)]
    file.write_text("".join(json.dumps(one) + "\n" for one in citizens), encoding="utf-8")


def _imei(number: int) -> str:
    return f"8658{number:011d}"
