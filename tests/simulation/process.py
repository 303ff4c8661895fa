"""A simulated process: one run of the program on one host, which may die or stand still before any of its callbacks."""

import contextlib
import contextvars
from datetime import timedelta

from virtual_time.fleet import NOON

from reconcile.state.lease import Process as LeaseProcess

from .loop import NOBODY, OWNER

_A_LEASE_SURVIVES_S = 60 - 20
"""Standing still for that long, and a whole interval between two heartbeats: less than what a lease lasts."""


class Dead(BaseException):
    """Raised into what a dead process left behind, which can touch nothing any more."""


class Process:
    """Owner of the callbacks of one run.

    `host` decides whose pids it can see; `offset_s` and `drift` (seconds a second) are those of its clock.
    `accidents`: number of a callback -> ("die",) | ("stall", seconds) | ("clock", seconds) | ("stop",).
    """

    def __init__(self, loop, number, host="h0", offset_s=0.0, drift=0.0, accidents=None):
        self.loop = loop
        self.number = number
        self.host = host
        self.offset_s, self.drift = offset_s, drift
        self.accidents = dict(accidents or {})
        self.steps = 0
        self.is_dead = self.is_stalled = self.stood_still = False
        self.takes_lease = True
        self.has_left = self.sent_since = False  # gave back its leases; sent a request after that
        self.stop = None
        self.store = None
        self.full_at = self.dies_at_commit = None
        self.plan = self.planned_at = None  # and when it is known what it goes by
        self.up_to, self.is_saved = None, False  # the last wave it may send; whether it applies a plan of a file
        self.commit = None  # of the manifests that it read
        self.read_call = None  # the instant command of the manifests that it read
        self.allowed_of, self.allowed = self, None
        self.outcome = self.failure = None
        self.task = None
        self.over = loop.create_future()
        self.tasks = []
        self._backlog = []
        self._nonces = 0

    @property
    def is_over(self):
        return self.is_dead or (self.task is not None and self.task.done())

    @property
    def keeps_count(self):
        """Whether it sends only while it has the lease: no plan, nor one that stood still for so long that it may be lost."""
        return self.takes_lease and not self.stood_still

    @property
    def seen_by_leases(self):
        return LeaseProcess(self.host, f"place {self.host}", self.number, "1")

    def begin(self, work):
        """Starts the process with a coroutine function of itself."""
        context = contextvars.copy_context()
        context.run(OWNER.set, self)
        self.task = context.run(self.loop.create_task, work(self), context=context)
        self.task.add_done_callback(lambda _task: self._end(), context=NOBODY.copy())

    def _end(self):
        if not self.over.done():
            self.over.set_result(None)

    def now(self):
        """Its wall clock."""
        return NOON + timedelta(seconds=self.loop.time() * (1 + self.drift) + self.offset_s)

    def monotonic_s(self):
        return self.loop.time() * (1 + self.drift)

    def nonce(self):
        self._nonces += 1
        return f"p{self.number}-{self._nonces}"

    def turn(self, callback, args):
        """One callback of this process, unless it is dead or stands still."""
        if self.is_dead:
            return
        if self.is_stalled:
            self._backlog.append((callback, args, contextvars.copy_context()))
            return
        self.steps += 1
        accident = self.accidents.pop(self.steps, None) if self.accidents else None
        if accident is not None and not self._survives(accident, callback, args):
            return
        try:
            callback(*args)
        except Dead:
            assert self.is_dead

    def _survives(self, accident, callback, args):
        match accident:
            case ("die",):
                self.die()
                return False
            case ("stall", seconds):
                self.is_stalled = True
                self.stood_still |= seconds > _A_LEASE_SURVIVES_S
                self._backlog.append((callback, args, contextvars.copy_context()))
                contextvars.Context().run(self.loop.call_later, seconds, self._wake)
                return False
            case ("clock", seconds):
                self.offset_s += seconds
            case ("stop",) if self.stop is not None:
                self.stop.set()
        return True

    def _wake(self):
        self.is_stalled = False
        backlog, self._backlog = self._backlog, []
        for callback, args, context in backlog:
            self.loop.call_soon(callback, *args, context=context)

    def die(self):
        """As SIGKILL: nothing of it runs any more; what SQLite committed stays, requests on their way go on."""
        self.is_dead = True
        self._backlog.clear()
        if self.store is not None:
            self.store.drop()
        contextvars.Context().run(self.loop.call_soon, self.bury)

    def bury(self):
        """Closes its coroutines: what they do at their end reaches neither state (closed) nor clouds (no await)."""
        self._end()
        for task in self.tasks:
            if task.done():
                continue
            task._log_destroy_pending = False
            for _ in range(5):  # an await in a `finally` keeps a coroutine from closing at once
                with contextlib.suppress(BaseException):  # cleaning up after death fails, as it must
                    task.get_coro().close()
                    break
