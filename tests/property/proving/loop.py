"""An event loop whose clock jumps to the next timer: an hour of waiting costs nothing, and always the same."""

import asyncio
import selectors
from concurrent.futures import Future, ThreadPoolExecutor


class Stuck(AssertionError):
    """Nothing is ready and nothing is due: the program waits for ever."""


class _Jumping(selectors.SelectSelector):
    """Never waits: where the loop would, its clock is moved on."""

    def __init__(self):
        super().__init__()
        self.jump = lambda _seconds: None

    def select(self, timeout=None):
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise Stuck("nothing is ready and no timer is set")
            self.jump(max(timeout, 0.0))
        return ready


class _AtOnce(ThreadPoolExecutor):
    """Runs what is handed to a thread where it stands: no race that a seed would not repeat."""

    def submit(self, work, /, *args, **kwargs):
        done = Future()
        try:
            done.set_result(work(*args, **kwargs))
        except BaseException as exc:  # noqa: BLE001  # a death is handed on like any other end
            done.set_exception(exc)
        return done


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time()` is in seconds since the loop was made; `skip` moves it on."""

    def __init__(self):
        selector = _Jumping()
        self._virtual_s = 0.0
        super().__init__(selector)
        selector.jump = self.skip
        self.set_default_executor(_AtOnce(1))
        self.set_exception_handler(lambda _loop, _context: None)  # what a dead program leaves behind is nobody's

    def time(self):
        return self._virtual_s

    def skip(self, seconds):
        self._virtual_s += seconds
