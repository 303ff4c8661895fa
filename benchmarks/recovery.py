"""How long it takes to settle what a killed run left open: `reconcile recover`, and the next `reconcile apply`.

Half of the attempts are desired-property sets, half queued writes; half of each had landed. The quota is off: what a
quota adds is its own arithmetic, and told beside it.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

from benchmarks.fleet_generator import generate
from benchmarks.measure import Counts, log, prepare, python, reconcile, run_once
from benchmarks.servers import KEYS, emulator, endpoints

TEXT = (
    "A run was killed with {attempts:,} attempts in the air: half desired-property sets, half queued writes, half of "
    "each landed and half not. Quota off, whole processes, one run each, against the emulator on the same two cores; "
    "requests are counted by the emulator. `reconcile apply` settles them, plans, and then sends what had not landed "
    "and what had not been begun: its reads to settle are those before its first write, the looks of its plan among "
    "them. The floor is what the quota takes for those reads alone, 50 a second on Aliyun and 100 on OneNET, side by "
    "side."
)
HEAD = ("", "seconds", "CPU", "memory", "reads", "of them to settle", "writes", "floor of the quota")
_RATES = {"aliyun": 50, "onenet": 100}


def run(attempts: int) -> Counts:
    """`recover` and `apply`, each from the same state and clouds in the same condition."""
    with tempfile.TemporaryDirectory() as temporary:
        fleet = Path(temporary) / "fleet"
        generate(fleet, attempts)
        said = fleet / "fleet.yaml"
        said.write_text(said.read_text("utf-8").replace("{mode: now}", "{mode: queue, validAfter: 30s}"), "utf-8")
        rows = []
        for name, words in (("`reconcile recover`", ["recover"]), ("`reconcile apply`", ["apply", "--yes"])):
            with emulator(fleet.with_suffix(".ndjson")) as port:
                rows.append(_row(name, words, fleet, port))
    return Counts(f"Recovery of {attempts:,} open attempts", TEXT.format(attempts=attempts), HEAD, rows)


def _row(name: str, words: list[str], fleet: Path, port: int) -> list[str]:
    state = fleet.with_suffix(".db")
    for file in state.parent.glob(f"{state.name}*"):
        file.unlink()
    url = f"sqlite:///{state}"
    prepare(python("-m", "benchmarks.open_attempts", str(fleet), url, f"http://127.0.0.1:{port}"), KEYS)
    _pass_time(port, 120)  # beyond every valid_time, so that nobody waits for one
    before = len(_log(port))
    argv = reconcile("--manifests", str(fleet), "--state", url, *endpoints(port))
    cost = run_once([*argv, *words], KEYS)
    requests = _log(port)[before:]
    first_write = next((n for n, entry in enumerate(requests) if entry["mutating"]), len(requests))
    reads = [entry for entry in requests if not entry["mutating"]]
    settling = [entry for entry in requests[:first_write] if not entry["mutating"]]
    floor = max(sum(entry["cloud"] == cloud for entry in settling) / rate for cloud, rate in _RATES.items())
    log(f"  {name} {cost.wall_s:.1f} s, {len(reads)} reads, {len(requests) - len(reads)} writes")
    return [
        name,
        f"{cost.wall_s:.1f}",
        f"{cost.cpu_s:.1f} s",
        f"{cost.peak_mb:.0f} MB",
        f"{len(reads):,}",
        f"{len(settling):,}",
        f"{len(requests) - len(reads):,}",
        f"{floor:.0f} s",
    ]


def _log(port: int) -> list[dict[str, object]]:
    return _call(port, "/_emulator/log")


def _pass_time(port: int, seconds: int) -> None:
    _call(port, "/_emulator/clock", {"advance_s": seconds})


def _call(port: int, path: str, body: object = None):
    data = None if body is None else json.dumps(body).encode()
    asked = Request(f"http://127.0.0.1:{port}{path}", data=data, method="GET" if data is None else "POST")
    with contextlib.closing(build_opener(ProxyHandler({})).open(asked, timeout=120)) as answer:  # loopback
        return json.load(answer)
