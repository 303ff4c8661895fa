"""How much of its quota a sustained apply uses, counted by the clouds: one account, and twenty on one core.

Every request that reached an account counts, reads included; the program is held to one core, the accounts live in a
process of their own. The quota is the documented one, enforced per calendar second, and the busiest second anywhere
between is told beside it.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import tempfile
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from benchmarks.accounts_fleet import generate, names
from benchmarks.measure import Cost, Counts, Failed, log, python, reconcile, run_once
from benchmarks.servers import KEYS, free_port, running

RATE = 50
TEXT = (
    "An apply of one desired-property set a lamp, at 50 requests a second and account, to emulated accounts that "
    "enforce that quota (`aliyun_quota=enforced`). Counted in the clouds' own logs: *share* is the requests between "
    "the first set and the last over what the quota allows in that time, of the account that got the least and of "
    "the median; *a second* is how many requests the whole seconds in between held, and *busiest* the most in any "
    "1,000 ms, wherever they begin. The program runs on one core."
)
HEAD = ("", "requests", "share, least", "share, median", "throttled", "a second", "busiest", "CPU", "memory")


def run(seconds: float, many: int) -> Counts:
    """One account for so long, and `many` of them for half of it."""
    rows = [_row(1, seconds), _row(many, seconds / 2)]
    return Counts("Share of the quota", TEXT, HEAD, rows)


def _row(accounts: int, seconds: float) -> Sequence[str]:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "fleet"
        generate(folder, accounts, round(RATE * seconds), RATE)
        ports = [free_port() for _ in range(accounts)]
        server = python("-m", "benchmarks.accounts_server", str(folder.with_suffix(".ndjson")), *map(str, ports))
        with running(server, ports[-1], "/_emulator/health"):
            cost = _apply(folder, ports)
            logs = [_requests(port) for port in ports]
    if any(len(times) < 2 for times, _ in logs):
        raise Failed("an account saw no sets")
    shares = sorted(_share(times) for times, _ in logs)
    whole = Counter(count for times, _ in logs for count in _whole_seconds(times))
    log(f"  {accounts} accounts: shares {[f'{share:.3f}' for share in shares]}, seconds {sorted(whole.items())}")
    return (
        "one account" if accounts == 1 else f"{accounts} accounts",
        f"{sum(len(times) for times, _ in logs):,}",
        f"{shares[0]:.1%}",
        f"{statistics.median(shares):.1%}",
        str(sum(throttled for _, throttled in logs)),
        _spread(whole),
        str(max(_busiest(times) for times, _ in logs)),
        f"{cost.cpu_s:.1f} s in {cost.wall_s:.1f} s",
        f"{cost.peak_mb:.0f} MB",
    )


def _apply(folder: Path, ports: Sequence[int]) -> Cost:
    endpoints = [
        word
        for name, port in zip(names(len(ports)), ports, strict=True)
        for word in ("--endpoint", f"{name}=http://127.0.0.1:{port}")
    ]
    state = f"sqlite:///{folder.with_suffix('.db')}"
    argv = reconcile("--manifests", str(folder), "--state", state, *endpoints, "apply", "--yes", "--refresh", "none")
    with _on_one_core():
        return run_once(argv, KEYS)


@contextlib.contextmanager
def _on_one_core() -> Iterator[None]:
    """What is started inside runs on the last core; where the system cannot say so, on any."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _requests(port: int) -> tuple[list[int], int]:
    """When the requests of one account arrived, in milliseconds, from its first set to its last; how many throttled."""
    opener = build_opener(ProxyHandler({}))
    with contextlib.closing(opener.open(f"http://127.0.0.1:{port}/_emulator/log", timeout=60)) as answer:  # loopback
        entries = json.load(answer)
    sets = [number for number, entry in enumerate(entries) if entry["mutating"]]
    during = entries[sets[0] : sets[-1] + 1] if sets else []
    throttled = sum(str(entry["code"]).startswith("Throttling") for entry in entries)
    return [round(datetime.fromisoformat(entry["time"]).timestamp() * 1000) for entry in during], throttled


def _share(times: Sequence[int]) -> float:
    return (len(times) - 1) * 1000 / (times[-1] - times[0]) / RATE


def _whole_seconds(times: Sequence[int]) -> Iterator[int]:
    """Requests in each calendar second but the first and the last, which were not sent in for their whole length."""
    counts = Counter(time // 1000 for time in times)
    for second in range(times[0] // 1000 + 1, times[-1] // 1000):
        yield counts[second]


def _spread(whole: Counter[int]) -> str:
    """`48 to 50, mostly 49`: the range, and what most seconds held."""
    if not whole:
        return ""
    least, most = min(whole), max(whole)
    return f"{least} to {most}, mostly {whole.most_common(1)[0][0]}" if least != most else str(least)


def _busiest(times: Sequence[int]) -> int:
    return max(bisect_left(times, time + 1000) - number for number, time in enumerate(times))
