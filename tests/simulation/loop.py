"""An event loop with virtual time, whose callbacks belong to simulated processes.

Premise: what a program does between two awaits cannot be interrupted, so a death or a pause at any await is a death or
a pause before any of its callbacks. Rule: the loop knows from a callback's context whose it is, and asks the owner.
"""

import contextvars

from virtual_time.loop import JumpingLoop, outcome_of, settle

OWNER = contextvars.ContextVar("owner", default=None)
NOBODY = contextvars.Context()
"""The context of what happens outside all processes: networks, clouds, devices."""

_A_COMMIT_S = 0.004
"""How long work in a thread takes: the half of it passes before the work takes effect, the other half after it."""


class VirtualLoop(JumpingLoop):
    """`complaints` are what callbacks raised."""

    def __init__(self):
        super().__init__()
        self.complaints = []
        self.set_exception_handler(lambda _loop, context: self.complaints.append(context))

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
            outcome = outcome_of(func, args)
            self.call_later(_A_COMMIT_S / 2, settle, done, outcome)

        self.call_later(_A_COMMIT_S / 2, work)
        return done
