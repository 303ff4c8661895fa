"""State in a git ref, against a bare repository on this disk: opening, writing, and how the repository grows.

Run: `python -m benchmarks.gitref [--devices N ...] [--applies N]`; prints a table.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.measure import Counts, log
from reconcile.model.journal import AttemptState
from reconcile.ports import Commit
from reconcile.state.gitref import GitRef
from reconcile.state.gitref.address import Address
from reconcile.testing.builders import PLATFORM, attempt, entry, recorded, resource

AT = datetime(2026, 1, 1, tzinfo=UTC)
TOUCHED = 100
"""Devices of one apply, neighbours by name as a wave's are, in two groups."""

HEAD = (
    "devices", "first write", "open", "one commit", f"apply of {TOUCHED}", "repository before", "after {} applies",
    "after `git gc`",
)  # fmt: skip


def run(sizes: Sequence[int] = (1_000, 100_000), applies: int = 200) -> Counts:
    """One row for each size."""
    rows = [_measured(size, applies) for size in sizes]
    text = (
        "A bare repository on the same disk, so every figure is git's and ours, without a network. Each device has 10 "
        f"resources. An apply takes the lease, begins a plan, pushes the intents and outcomes of {TOUCHED} devices in "
        "groups of 50, ends the plan and gives the lease back: 8 pushes. Sizes are those of the remote's files; "
        "history is bounded at 500 commits, what falls off goes at the next `git gc`."
    )
    return Counts("State in a git ref", text, tuple(title.format(applies) for title in HEAD), rows)


def _measured(size: int, applies: int) -> tuple[str, ...]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        remote = folder / "remote.git"
        subprocess.run(["git", "init", "-q", "--bare", str(remote)], check=True)
        address = Address(str(remote), "refs/reconcile/state/benchmark")
        log(f"  {size:,} devices")
        devices = [_device(number, "a") for number in range(size)]
        with GitRef.at(address, folder=folder) as store:
            began = time.perf_counter()
            store.commit(Commit(devices=devices), fences={})
            wrote_s = time.perf_counter() - began
        began = time.perf_counter()
        store = GitRef.at(address, folder=folder)
        opened_s = time.perf_counter() - began
        with store:
            before, one, whole = _bytes(remote), [], []
            for number in range(applies):
                began = time.perf_counter()
                one.append(_apply(store, number, size))
                whole.append(time.perf_counter() - began)
            after = _bytes(remote)
        subprocess.run(["git", "-C", str(remote), "gc", "-q", "--prune=now"], check=True)
        return (
            f"{size:,}", f"{wrote_s:.2f} s", f"{opened_s:.2f} s", f"{_median(one) * 1000:.0f} ms",
            f"{_median(whole):.2f} s", _mib(before), _mib(after), _mib(_bytes(remote)),
        )  # fmt: skip


def _apply(store: GitRef, number: int, size: int) -> float:
    plan, first = f"sha256:{number:064}", number * TOUCHED % size
    commit_s = 0.0
    with store.lease(PLATFORM, "benchmark", AT) as fence:
        fences = {PLATFORM: fence}
        store.commit(Commit(begun_plan=plan), fences=fences)
        for start in range(0, TOUCHED, 50):
            numbers = range(first + start, first + start + 50)
            steps = [f"{n:064}" for n in numbers]
            store.commit(Commit(opened=[attempt(step, plan=plan, fence=fence) for step in steps]), fences=fences)
            done = [entry(step, AttemptState.DONE, plan=plan, fence=fence) for step in steps]
            began = time.perf_counter()
            store.commit(Commit(entries=done, devices=[_device(n % size, plan) for n in numbers]), fences=fences)
            commit_s = time.perf_counter() - began
        store.commit(Commit(consumed_plan=plan), fences=fences)
    return commit_s


def _device(number: int, digest: str):
    some = (
        resource(f"/3303/{n}/5603", number % 97 + n, confirmed_at=AT + timedelta(seconds=number)) for n in range(10)
    )
    return recorded(f"meter-{number:06}", *some, digest=digest)


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _mib(size: int) -> str:
    return f"{size / 1024**2:.1f} MiB"


def _median(numbers: list[float]) -> float:
    return sorted(numbers)[len(numbers) // 2]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gitref", description=__doc__)
    parser.add_argument("--devices", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--applies", type=int, default=200)
    options = parser.parse_args()
    table = run(options.devices, options.applies)
    print(table.text, "", " | ".join(table.head), *(" | ".join(row) for row in table.rows), sep="\n")


if __name__ == "__main__":
    main()
