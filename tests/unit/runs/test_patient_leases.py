"""A lease of another machine is watched, and the run goes on as soon as it is known whether its holder lives."""

import asyncio
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace

import pytest

from reconcile.apply.events import Watching
from reconcile.model.errors import LeaseHeld, LeaseWatched
from reconcile.runs.lanes import take_leases
from reconcile.runs.throttling import Throttling


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time jumps to the next timer when nothing else is to do."""

    now_s = 0.0

    def time(self):
        return self.now_s

    def _run_once(self):
        if not self._ready and self._scheduled:
            self.now_s = max(self.now_s, self._scheduled[0]._when)
        super()._run_once()


class Store:
    """Answers a lease once per item of `script`: how long it must be watched still, "held", or a fence."""

    def __init__(self, *script):
        self.script, self.asked_at = list(script), []

    @contextmanager
    def lease(self, _lane, _owner, _now):
        self.asked_at.append(asyncio.get_running_loop().time())
        answer = self.script.pop(0)
        if answer == "held":
            raise LeaseHeld("it lives")
        if isinstance(answer, float):
            raise LeaseWatched("elsewhere", answer, fence=6)
        yield answer


def taking(store, stop_after_s=None):
    """What `patient_leases` came to, and what it told."""
    told = []
    session = SimpleNamespace(
        store=store,
        throttling=Throttling({}, store, lambda: None),
        fleet=SimpleNamespace(platforms={"p": None}),
        options=SimpleNamespace(now=lambda: None),
    )

    async def take():
        stop = asyncio.Event()
        if stop_after_s is not None:
            asyncio.get_running_loop().call_later(stop_after_s, stop.set)
        with ExitStack() as stack:
            fences = await take_leases(stack, session, "me", told.append, stop)
            return fences.by_lane

    try:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(take()), told
    except LeaseHeld as exc:
        return exc, told


def test_a_silent_holder_is_watched_to_the_end_and_that_is_told_once():
    store = Store(60.0, 55.0, 2.0, 7)
    assert taking(store) == ({"p": 7}, [Watching("p", 60.0, "elsewhere")])
    assert store.asked_at == [0, 5, 10, 12]


def test_who_had_the_lane_during_the_wait_may_have_had_newer_manifests():
    found, _ = taking(Store(60.0, 8))
    assert "while this run waited" in str(found)


def test_a_holder_that_is_heard_of_ends_the_wait():
    found, _ = taking(Store(60.0, 55.0, "held"))
    assert str(found) == "it lives"


@pytest.mark.parametrize("after_s", [0.0, 3.0])
def test_whoever_is_stopped_does_not_wait_on(after_s):
    store = Store(60.0, 59.0, 58.0)
    found, _ = taking(store, stop_after_s=after_s)
    assert isinstance(found, LeaseWatched)
    assert store.asked_at[-1] <= after_s
