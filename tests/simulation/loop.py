"""An event loop with virtual time, whose callbacks belong to simulated processes.

Premise: what a program does between two awaits cannot be interrupted, so a death or a pause at any await is a death or
a pause before any of its callbacks. Rule: the loop knows from a callback's context whose it is, and asks the owner.
Nothing here sleeps, polls or opens a descriptor; threads are run inline, so a schedule is the same each time.
"""

import asyncio
import contextvars

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

    def select(self, timeout):
        if timeout is None:
            raise Stuck("nothing is ready and no timer is set")
        self._virtual_s += max(timeout, 0.0)
        return ()

    def _process_events(self, _events):
        pass

    def _write_to_self(self):
        pass

    def call_soon(self, callback, *args, context=None):
        owner = OWNER.get() if context is None else context.get(OWNER)
        if owner is None:
            return super().call_soon(callback, *args, context=context)
        return super().call_soon(owner.turn, callback, args, context=context)

    def call_at(self, when, callback, *args, context=None):
        owner = OWNER.get() if context is None else context.get(OWNER)
        if owner is None:
            return super().call_at(when, callback, *args, context=context)
        return super().call_at(when, owner.turn, callback, args, context=context)

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
