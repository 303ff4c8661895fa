"""An apply that is interrupted half-way, and what the next one does: Terraform and ours on the same kind of work.

The work is something that must happen once for each of a number of things. A kill takes the whole process group, as
the end of a machine or of a container does. What was done is counted where it has its effect.
"""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.interrupted_apply import Reconcile, population
from benchmarks.interrupted_terraform import Terraform, program
from benchmarks.measure import Counts, Failed, log
from benchmarks.servers import emulator
from benchmarks.state_over_http import kept

HEAD = ("", "interrupted by", "its state", "once", "twice", "never", "by hand", "seconds")
TEXT = (
    "{count} pieces of work, each to be done once: for Terraform a `terraform_data` with a `local-exec` provisioner "
    "of 0.6 s that writes a line to a file; for `reconcile` a meter's value and a command after it, at 40 requests a "
    "second with `validAfter: 10s`, counted on the emulated meters, which wake after each apply. The signal goes to "
    "the whole process group when half of the work was done; then the same command runs again until a plan is empty. "
    "*Once*, *twice* and *never* are pieces of work in the end, when the program says that nothing is left to do; "
    "*seconds* is from starting again to there. "
)
_KILLED, _INTERRUPTED = "SIGKILL", "SIGINT"
_CASES = ((_KILLED, "kept"), (_INTERRUPTED, "kept"), (_KILLED, "lost"))


def run(count: int, *, is_smoke: bool = False) -> Counts:
    """Both programs through the same interruptions; Terraform only where it is installed."""
    cases = [(_INTERRUPTED, "kept")] if is_smoke else _CASES
    rows = []
    if program() is not None:
        rows += [_row(signal_name, state, count, is_ours=False) for signal_name, state in cases]
        rows.append(_row(_KILLED, "kept, over HTTP with locks", count, is_ours=False))
    rows += [_row(signal_name, state, count, is_ours=True) for signal_name, state in cases]
    absent = "" if program() is not None else "Terraform is not installed here, so only `reconcile` was measured. "
    return Counts("Interrupted half-way", (TEXT + absent).format(count=count).strip(), HEAD, rows)


def _row(signal_name: str, state: str, count: int, *, is_ours: bool) -> Sequence[str]:
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        work = stack.enter_context(_ours(Path(folder), count) if is_ours else _theirs(Path(folder), count, state))
        process = work.start()
        deadline = time.monotonic() + 120
        while work.begun() < count // 2:
            if time.monotonic() > deadline or process.poll() is not None:
                raise Failed(f"{work.name} was not half-way in time")
            time.sleep(0.02)
        os.killpg(process.pid, getattr(signal, signal_name))
        process.wait()
        if state == "lost":
            work.lose_state()
        began = time.monotonic()
        by_hand = work.converge()
        took_s = time.monotonic() - began
        counted = list(work.done().values())
    row = (
        work.name,
        signal_name,
        state,
        str(sum(times == 1 for times in counted)),
        str(sum(times > 1 for times in counted)),
        str(count - sum(times > 0 for times in counted)),
        by_hand,
        f"{took_s:.1f}",
    )
    log(f"  {row}")
    return row


@contextlib.contextmanager
def _ours(folder: Path, count: int) -> Iterator[Reconcile]:
    population(folder / "meters.ndjson", count)
    with emulator(folder / "meters.ndjson") as port:
        yield Reconcile(folder, count, port)


@contextlib.contextmanager
def _theirs(folder: Path, count: int, state: str) -> Iterator[Terraform]:
    if "HTTP" not in state:
        yield Terraform(folder, count)
        return
    with kept() as remote:
        yield Terraform(folder, count, remote)
