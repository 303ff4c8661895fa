"""Many desired-property sets, one per device: `reconcile apply` beside the official SDKs, on the same server.

Every client sends ten properties with their expected versions to each device. The SDK programs only send; ours also
reads the manifests, plans, writes each attempt to its journal before the request leaves, and records the outcome.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

from benchmarks.measure import Case, Table, measure_all, prepare, python, reconcile
from benchmarks.servers import KEYS, emulator, endpoints, plain_server, window_of

THREADS = 16
CONCURRENCY = 50
NAMES = {"plain": "plain server", "emulator": "emulator"}
TEXT = (
    "One SetDeviceDesiredProperty of ten properties per device, quota off; whole processes, from start to exit. The "
    "SDKs are `aliyun-python-sdk-iot` (old) and `alibabacloud-iot20180120` (new, ACS3): they send and forget. "
    "`reconcile apply` reads the folder, plans, journals every attempt durably before it leaves, and records the "
    "outcome; `apply FILE` runs a plan saved beforehand. `while sending` counts from the first set that the server saw "
    "to the last, without anybody's start-up. Ratios are to the old SDK."
)
SERVERS = {
    "plain": "The server answers well-formed and checks nothing (`benchmarks/plain_server.py`).",
    "emulator": "The emulator verifies every signature and keeps desired values with their versions.",
}


def run(sets: int, repeat: int, *, against: str = "plain") -> Table:
    """All clients in turn against the plain keep-alive server, or the emulator."""
    with tempfile.TemporaryDirectory() as folder:
        fleet = Path(folder) / "lamps"
        prepare(python("-m", "benchmarks.fleet_generator", str(fleet), "--devices", str(sets), "--aliyun-only"))
        with _serve(against, fleet.with_suffix(".ndjson")) as port:
            ours = _Ours(fleet, port)
            rows = measure_all(
                _cases(ours, sets, _resetter(against, port), window_of(port) if against == "plain" else None), repeat
            )
    title = f"Apply of {sets:,} desired-property sets, against the {NAMES[against]}"
    return Table(title, f"{TEXT} {SERVERS[against]}", rows)


def _serve(against: str, population: Path) -> AbstractContextManager[int]:
    return plain_server() if against == "plain" else emulator(population)


def _cases(ours: _Ours, sets: int, reset: Callable[[], None], window: Callable[[], float] | None) -> list[Case]:
    def sdk(name: str, kind: str, workers: int) -> Case:
        argv = python("-m", "benchmarks.sdk_client", kind, str(ours.port), str(sets), str(workers))
        return Case(name, argv, count=sets, before=reset, sending=window)

    def fresh() -> None:
        reset()
        ours.forget()

    def planned() -> None:
        fresh()
        ours.save_plan()

    return [
        sdk("old SDK, one after the other", "old", 1),
        sdk(f"old SDK, {THREADS} threads", "old", THREADS),
        sdk("new SDK, one after the other", "new", 1),
        sdk(f"new SDK, {THREADS} threads", "new", THREADS),
        sdk(f"new SDK, async, {CONCURRENCY} at a time", "async", CONCURRENCY),
        Case("`reconcile apply FILE`", ours.apply(str(ours.plan)), KEYS, count=sets, before=planned, sending=window),
        Case("`reconcile apply`", ours.apply(), KEYS, count=sets, before=fresh, sending=window),
    ]


@dataclass(frozen=True, slots=True)
class _Ours:
    """Our side: a folder of manifests, its state and saved plan beside it."""

    fleet: Path
    port: int

    @property
    def state(self) -> Path:
        return self.fleet.with_suffix(".db")

    @property
    def plan(self) -> Path:
        return self.fleet.with_suffix(".plan")

    def command(self, *args: str) -> list[str]:
        """A call with this folder, state and server."""
        state = f"sqlite:///{self.state}"
        return reconcile("--manifests", str(self.fleet), "--state", state, *endpoints(self.port), *args)

    def apply(self, *what: str) -> list[str]:
        """Apply, without asking."""
        return self.command("apply", *what, "--yes")

    def save_plan(self) -> None:
        """Plans ahead, without looking at the cloud: every device is new."""
        prepare(self.command("plan", "--refresh", "none", "-o", str(self.plan)), KEYS)

    def forget(self) -> None:
        """Every repetition starts with an empty state."""
        for file in (self.state, self.plan, *(self.state.with_name(self.state.name + end) for end in ("-wal", "-shm"))):
            file.unlink(missing_ok=True)


def _resetter(against: str, port: int) -> Callable[[], None]:
    if against == "plain":
        return lambda: None
    opener = build_opener(ProxyHandler({}))

    def reset() -> None:
        url = f"http://127.0.0.1:{port}/_emulator/reset"
        with contextlib.closing(opener.open(Request(url, data=b"{}", method="POST"), timeout=60)):  # loopback
            pass

    return reset
