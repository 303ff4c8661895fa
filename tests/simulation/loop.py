"""An event loop with virtual time, whose callbacks belong to simulated processes.

Premise: what a program does between two awaits cannot be interrupted, so a death or a pause at any await is a death or
a pause before any of its callbacks. Rule: the loop knows from a callback's context whose it is, and asks the owner.
Nothing here sleeps, polls or opens a descriptor; threads are run inline, so a schedule is the same each time.
"""

import asyncio
import contextvars
import heapq

OWNER = contextvars.ContextVar("owner", default=None)
NOBODY = contextvars.Context()
"""The context of what happens outside all processes: networks, clouds, devices."""

_A_COMMIT_S = 0.004
"""How long work in a thread takes: the half of it passes before the work takes effect, the other half after it."""


class Stuck(AssertionError):
    """Nothing is ready and nothing is due: somebody waits for ever."""


class VirtualLoop(asyncio.BaseEventLoop):
    """`time()` is in seconds since the loop was made; when nothing is ready it jumps to the next timer."""

    def __init__(self):
        self._virtual_s = 0.0
        super().__init__()
        self._selector = self
        self.complaints = []
        self.set_exception_handler(lambda _loop, context: self.complaints.append(context))

    def time(self):
        return self._virtual_s

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
        owner = OWNER.get() if context is None else context.get(OWNER)
        if owner is not None:
            callback, args = owner.turn, (callback, args)
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_at(self, when, callback, *args, context=None):
        owner = OWNER.get() if context is None else context.get(OWNER)
        if owner is not None:
            callback, args = owner.turn, (callback, args)
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._scheduled, timer)
        timer._scheduled = True
        return timer

    def create_task(self, coro, *, name=None, context=None):
        task = super().create_task(coro, name=name, context=context)
        owner = OWNER.get() if context is None else context.get(OWNER)
        if owner is not None:
            owner.tasks.append(task)
        return task

    def run_in_executor(self, executor, func, *args):
        assert executor is None
        done = self.create_future()

        def work():
            try:
                result = func(*args)
            except BaseException as exc:  # noqa: BLE001  # as a thread hands on whatever ended its work
                self.call_later(_A_COMMIT_S / 2, _set, done.set_exception, done, exc)
            else:
                self.call_later(_A_COMMIT_S / 2, _set, done.set_result, done, result)

        self.call_later(_A_COMMIT_S / 2, work)
        return done


def _set(setter, future, outcome):
    if not future.done():
        setter(outcome)
