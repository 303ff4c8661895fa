"""The real program, which kills itself (SIGKILL) when it comes to a named point for the nth time.

    python crash_points.py COUNTS POINT OPERATION NTH -- WORDS OF RECONCILE

The points lie around the program's own functions from outside: the program holds no hook. A run that never came so far
ends by itself, and writes to the file COUNTS how often it passed each point of each operation.
"""

import contextlib
import contextvars
import functools
import importlib
import json
import os
import signal
import sys
from collections import Counter
from pathlib import Path

POINTS = {
    "begin": "an attempt is decided on, nothing of it is written",
    "inflight": "its INFLIGHT is durable, no byte of the request left",
    "request": "the request is signed and about to leave",
    "answered": "the answer is read, nobody has looked at it",
    "outcome": "the outcome is known, not written",
    "recorded": "the outcome is durable, the run does not know yet",
}
"""Points that belong to an operation."""
STATE_POINTS = {
    "writing": "before a transaction of the state begins: leases, reservations and commits",
    "uncommitted": "all rows of a transaction are written, COMMIT is not",
    "committed": "COMMIT is done, whoever asked for it does not know",
}
"""Points of every transaction; their operation is `state`."""
STORES = {
    "sqlite": ("reconcile.state.sqlite", "Sqlite"),
    "postgresql": ("reconcile.state.postgres", "Postgres"),
    "gitref": ("reconcile.state.gitref", "GitRef"),
}
"""Where the transactions are, by the scheme of a state's URL."""

_operation = contextvars.ContextVar("operation", default=None)


class Death:
    """Counts the passes, and dies at the one that was asked for."""

    def __init__(self, point, operation, nth):
        self._fatal, self._nth = (point, operation), int(nth)
        self.passed = Counter()

    def at(self, point, operation):
        self.passed[point, operation] += 1
        if (point, operation) == self._fatal and self.passed[point, operation] == self._nth:
            os.kill(os.getpid(), signal.SIGKILL)


def install(death, store):
    """Lays the points around the program's functions. A function that was renamed fails here, not silently."""
    from reconcile.apply import attempt
    from reconcile.platforms.connections import Connections

    begin, send, ask = attempt._begin, attempt._send, Connections.exchange
    write, writing = attempt._Closing._write, store._writing

    @functools.wraps(begin)
    async def dying_begin(run, lane, work, step, number):
        death.at("begin", step.action.kind)
        close = await begin(run, lane, work, step, number)
        death.at("inflight", step.action.kind)
        return close

    @functools.wraps(send)
    async def dying_send(lane, close):
        token = _operation.set(close.step.action.kind)
        try:
            return await send(lane, close)
        finally:
            _operation.reset(token)

    @functools.wraps(ask)
    async def dying_ask(self, origin, asked):
        operation = _operation.get()
        if operation is None:
            return await ask(self, origin, asked)
        death.at("request", operation)
        answer = await ask(self, origin, asked)
        death.at("answered", operation)
        return answer

    @functools.wraps(write)
    async def dying_write(self, state, evidence):
        death.at("outcome", self.step.action.kind)
        await write(self, state, evidence)
        death.at("recorded", self.step.action.kind)

    @contextlib.contextmanager
    def dying_writing(self):
        death.at("writing", "state")
        with writing(self) as connection:
            yield connection
            death.at("uncommitted", "state")
        death.at("committed", "state")

    attempt._begin, attempt._send, attempt._Closing._write = dying_begin, dying_send, dying_write
    Connections.exchange, store._writing = dying_ask, dying_writing


def store_of(url):
    """The class that keeps the state at a URL."""
    module, name = STORES[url.partition(":")[0]]
    return getattr(importlib.import_module(module), name)


def main():
    """Runs the program until it dies, or to its end."""
    counts, point, operation, nth, _, *words = sys.argv[1:]
    from reconcile.cli import main as program

    death = Death(point, operation, nth)
    install(death, store_of(words[words.index("--state") + 1]))
    sys.argv = ["reconcile", *words]
    try:
        program()
    finally:
        Path(counts).write_text(json.dumps([[*at, times] for at, times in death.passed.items()]), encoding="utf-8")


if __name__ == "__main__":
    main()
