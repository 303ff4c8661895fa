"""Work in a process of its own, with everything that this one knows: a fork where that is safe, else nothing."""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


def can_fork() -> bool:
    """On Linux, with another core, and without threads, whose locks a fork would copy for ever."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1 and threading.active_count() == 1


def beside(work: Callable[[], T]) -> Callable[[], T | None]:
    """Begins the work, and gives what waits for its result: None when it failed. Nothing that is open may be shared."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _work(work, reading, writing)
    os.close(writing)

    def result() -> T | None:
        with os.fdopen(reading, "rb") as pipe:
            answer = pipe.read()
        _, status = os.waitpid(child, 0)
        if status != 0:
            return None
        found: T = pickle.loads(answer)  # noqa: S301  # from our own child, through a pipe that nobody else has
        return found

    return result


def _work(work: Callable[[], object], reading: int, writing: int) -> None:
    """In the child: it never returns, runs no handlers of its parent and prints nothing."""
    code = 1
    with suppress(BaseException):
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(work(), pipe, pickle.HIGHEST_PROTOCOL)
        code = 0
    os._exit(code)
