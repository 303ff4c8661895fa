"""One process, run to its end a few times: wall clock, CPU (user and system) and peak memory, as medians."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import installed

ROOT = Path(__file__).resolve().parent.parent
_RSS_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024


class Failed(Exception):
    """A measured process did not end as it should; the message says how."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians over the repetitions. `sending_s`: from the first request that a server saw to the last."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    sending_s: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table; `note` explains it, `count` is how many things were done, for a rate."""

    name: str
    cost: Cost
    note: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that were measured in one run on one input. Ratios are to the first: how fast, or (`is_cost`) how long."""

    title: str
    text: str
    rows: tuple[Row, ...]
    is_cost: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """A table of things counted, not timed: `rows` are cells under `head`."""

    title: str
    text: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Case:
    """A command to measure. `before` runs untimed ahead of each repetition; `sending` asks the server afterwards."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    note: str = ""
    count: int | None = None
    before: Callable[[], None] | None = None
    sending: Callable[[], float] | None = None


def measure_all(cases: Sequence[Case], repeat: int) -> tuple[Row, ...]:
    """Rounds through all cases, so that a slow spell of the machine hits all of them alike."""
    samples: list[list[Cost]] = [[] for _ in cases]
    for number in range(repeat):
        for case, taken in zip(cases, samples, strict=True):
            if case.before:
                case.before()
            cost = run_once(case.argv, case.env)
            taken.append(replace(cost, sending_s=case.sending() if case.sending else None))
            log(f"  {case.name} [{number + 1}/{repeat}] {taken[-1].wall_s:.3f} s, {taken[-1].peak_mb:.0f} MB")
    return tuple(
        Row(case.name, _median(taken), case.note, case.count) for case, taken in zip(cases, samples, strict=True)
    )


def run_once(argv: Sequence[str], env: Mapping[str, str] | None = None) -> Cost:
    """What one run of a command costs, its own children included. Raises Failed when it does not exit with 0."""
    launcher = [sys.executable, "-I", "-S", str(ROOT / "benchmarks" / "launch.py"), *argv]
    done = subprocess.run(
        launcher, cwd=ROOT, env=environment(env), stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode != 0:
        raise Failed(_failure(argv, done.returncode, done.stderr))
    code, wall_s, cpu_s, peak = done.stdout.split()
    if int(code) != 0:
        raise Failed(_failure(argv, int(code), done.stderr))
    return Cost(float(wall_s), float(cpu_s), int(peak) * _RSS_UNIT_BYTES / 1e6)


def prepare(argv: Sequence[str], env: Mapping[str, str] | None = None) -> None:
    """Runs a command that is not measured. Raises Failed."""
    output_of(argv, env)


def output_of(argv: Sequence[str], env: Mapping[str, str] | None = None) -> str:
    """What a command prints, not measured. Raises Failed."""
    done = subprocess.run(argv, cwd=ROOT, env=environment(env), capture_output=True, check=False)
    if done.returncode != 0:
        raise Failed(_failure(argv, done.returncode, done.stderr or done.stdout))
    return done.stdout.decode()


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours, without proxies: the benchmarks talk to loopback only."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)  # byte code is cached where programs are installed
    return {**kept, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **(extra or {})}


def reconcile(*args: str) -> list[str]:
    """The command line as a user starts it."""
    return [str(installed.script()), *args]


def python(*args: str) -> list[str]:
    """This interpreter with other arguments."""
    return [sys.executable, *args]


def log(text: str) -> None:
    """Progress goes to standard error."""
    print(text, file=sys.stderr, flush=True)


def _median(costs: Sequence[Cost]) -> Cost:
    sending = [cost.sending_s for cost in costs if cost.sending_s is not None]
    return Cost(
        statistics.median(cost.wall_s for cost in costs),
        statistics.median(cost.cpu_s for cost in costs),
        statistics.median(cost.peak_mb for cost in costs),
        statistics.median(sending) if sending else None,
    )


def _failure(argv: Sequence[str], code: int, output: bytes) -> str:
    last = output.decode("utf-8", "replace").strip().splitlines()[-12:]
    return "\n    ".join([f"exit {code}: {' '.join(argv[:1])} {' '.join(argv[1:])[:300]}", *last])
