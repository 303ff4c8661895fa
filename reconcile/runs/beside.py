"""Work in a process of its own, with everything that this one knows: a fork where that is safe, else nothing."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


def can_fork() -> bool:
    """On Linux, with another core, and without threads, whose locks a fork would copy for ever."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1 and threading.active_count() == 1


class Beside(Generic[T]):
    """Work that was begun in another process. Nothing that is open there may be shared, but for what it inherits."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._reading, writing = os.pipe()
        self._child = os.fork()
        if self._child == 0:
            _work(work, self._reading, writing)
        os.close(writing)
        self._is_over = False

    def result(self) -> T | None:
        """Waits for it; None when it failed."""
        with os.fdopen(os.dup(self._reading), "rb") as pipe:
            answer = pipe.read()
        if self._end() != 0:
            return None
        found: T = pickle.loads(answer)  # noqa: S301  # from our own child, through a pipe that nobody else has
        return found

    def stop(self) -> None:
        """Ends it where nobody waits for it any more; nothing when it is over."""
        if not self._is_over:
            with suppress(ProcessLookupError):
                os.kill(self._child, signal.SIGKILL)
            self._end()

    def _end(self) -> int:
        os.close(self._reading)
        _, status = os.waitpid(self._child, 0)
        self._is_over = True
        return status


def _work(work: Callable[[], object], reading: int, writing: int) -> None:
    """In the child: it never returns, runs no handlers of its parent and prints nothing."""
    code = 1
    with suppress(BaseException):
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(work(), pipe, pickle.HIGHEST_PROTOCOL)
        code = 0
    os._exit(code)
