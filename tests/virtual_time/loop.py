"""An event loop whose clock jumps to the next timer: an hour of waiting costs nothing, and is always the same."""

import asyncio
import heapq


class Stuck(AssertionError):
    """Nothing is ready and nothing is due: somebody waits for ever."""


class JumpingLoop(asyncio.BaseEventLoop):
    """`time()` is in seconds since the loop was made; `skip` moves it on. It opens no descriptor and starts no thread."""

    def __init__(self):
        self._virtual_s = 0.0
        super().__init__()

    def time(self):
        return self._virtual_s

    def skip(self, seconds):
        self._virtual_s += seconds

    def _run_once(self):
        """As asyncio's own, without descriptors and debugging: what is due, then what was ready when it began."""
        ready, scheduled = self._ready, self._scheduled
        while scheduled and scheduled[0]._cancelled:
            self._timer_cancelled_count -= 1
            heapq.heappop(scheduled)._scheduled = False
        if not ready and not self._stopping:
            if not scheduled:
                raise Stuck("nothing is ready and no timer is set")
            self._virtual_s = max(self._virtual_s, scheduled[0].when())
        due_s = self._virtual_s + self._clock_resolution
        while scheduled and scheduled[0].when() < due_s:
            handle = heapq.heappop(scheduled)
            handle._scheduled = False
            ready.append(handle)
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle._cancelled:
                handle._run()

    def _process_events(self, _events):
        pass

    def _write_to_self(self):
        pass

    def call_soon(self, callback, *args, context=None):
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_at(self, when, callback, *args, context=None):
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._scheduled, timer)
        timer._scheduled = True
        return timer

    def run_in_executor(self, executor, func, *args):
        """Runs what is handed to a thread where it stands: no race that a seed would not repeat."""
        assert executor is None
        done = self.create_future()
        settle(done, outcome_of(func, args))
        return done


def outcome_of(func, args):
    """(result, None), or (None, whatever ended it), as a thread hands it on."""
    try:
        return func(*args), None
    except BaseException as exc:  # noqa: BLE001  # a death is handed on like any other end
        return None, exc


def settle(future, outcome):
    """Tells a future how it ended, unless nobody waits for it any more."""
    result, failure = outcome
    if future.done():
        return
    if failure is not None:
        future.set_exception(failure)
    else:
        future.set_result(result)
