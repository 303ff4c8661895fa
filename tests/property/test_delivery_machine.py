"""The real planner, executor, SQLite state and clients against the emulator, through random histories.

Edits, wakes, foreign writes, expiries, cancel races, lost and late answers, refreshes, deaths at journal points and at
requests, signals; every combination of the switches of the queue. What must hold is `proving.history`.

`DELIVERY_HISTORIES` and `DELIVERY_SEED` ask for more, or for others: `python -m tests.soak` sets them.
"""

import os
import sys
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from proving.dice import FAULTS, ORDERS, READS, SWITCHES, WRITES
from proving.fleet import PATHS
from proving.history import History
from proving.past import Rules

from reconcile.model.desired import Delivery, DeliveryMode, OnDrift
from reconcile.runs.request import Refresh

SEED = int(os.environ.get("DELIVERY_SEED", "20261122"))
HISTORIES = int(os.environ.get("DELIVERY_HISTORIES", "2000"))
SHARDS = 8
STEPS = 8

places = st.sampled_from([(name, path) for name in PATHS for path in PATHS[name]])
switches = st.fixed_dictionaries({}, optional={name: st.sampled_from(choices) for name, choices in SWITCHES.items()})
deliveries = st.builds(
    lambda valid_after_s, expire_after_s, retry: replace(
        Delivery(), valid_after_s=valid_after_s, timeout_s=5, expire_after_s=expire_after_s, retry=retry
    ),
    st.sampled_from([10, 60]),
    st.sampled_from([600, 7200, 259_200]),
    st.sampled_from([0, 3]),
)
manifests = st.builds(
    Rules,
    is_ordered=st.booleans(),
    removes=st.booleans(),
    on_drift=st.sampled_from(list(OnDrift)),
    may_be_replaced=st.booleans(),
)
faults = st.tuples(st.sampled_from(WRITES + READS), st.integers(1, 2), st.sampled_from(FAULTS))
sides = st.sampled_from(["before", "after"])
accidents = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"faults": st.lists(faults, min_size=1, max_size=2)}),
    st.fixed_dictionaries({"death": st.tuples(st.just("send"), st.integers(0, 3), sides)}),
    st.fixed_dictionaries({"death": st.tuples(st.just("commit"), st.integers(0, 7), sides)}),
    st.fixed_dictionaries({"stop_after_s": st.sampled_from([0.03, 0.2, 1.0])}),
)


class DeliveryMachine(RuleBasedStateMachine):
    """Any history of a sleeper, a listener, a lamp and a valve, or some of them; healed at its end."""

    history = None
    has_failed = False

    @initialize(
        names=st.sampled_from([("sleeper",), ("sleeper",), ("lamp",), ("sleeper", "lamp"), ("valve",), tuple(PATHS)]),
        switches=switches,
        delivery=deliveries,
        mode=st.sampled_from([DeliveryMode.QUEUE, DeliveryMode.AUTO]),
        rules=manifests,
    )
    def begin(self, names, switches, delivery, mode, rules):
        self.history = History(names, switches, delivery, mode, rules)
        self.history.edit(names[0], PATHS[names[0]][0], "new")

    @rule(place=places, how=st.sampled_from(["new", "new", "back", "drop", "null"]))
    def edit(self, place, how):
        if place[0] in self.history.names:
            self._do(self.history.edit, *place, how)

    @rule(how=st.sampled_from(ORDERS))
    def order(self, how):
        if "sleeper" in self.history.names:
            self._do(self.history.order, how)

    @rule(
        refresh=st.sampled_from([Refresh.CHANGED, Refresh.CHANGED, Refresh.ALL]),
        budget=st.sampled_from([None, 1, 4]),
        accident=accidents,
    )
    def apply(self, refresh, budget, accident):
        self._do(self.history.apply, refresh, budget=budget, **accident)

    @rule()
    def save(self):
        self._do(self.history.save)

    @precondition(lambda self: self.history is not None and self.history.saved is not None)
    @rule(accident=accidents)
    def apply_saved(self, accident):
        self._do(self.history.apply_saved, **accident)

    @rule(how=st.sampled_from(["swap", "reset"]))
    def begin_anew(self, how):
        if "sleeper" in self.history.names:
            self._do(getattr(self.history, how))

    @rule(accident=accidents)
    def edit_and_apply(self, accident):
        name = self.history.names[-1]
        self._do(self.history.edit, name, PATHS[name][0], "new")
        self._do(self.history.apply, **accident)

    @rule(name=st.sampled_from(tuple(PATHS)), kind=st.sampled_from(["update", "register", "notify"]))
    def wake(self, name, kind):
        if name in self.history.names:
            self._do(self.history.wake, name, kind)

    @rule(seconds=st.sampled_from([5, 70, 1000, 8000]))
    def wait(self, seconds):
        self._do(self.history.wait, seconds)

    @rule(place=places)
    def intrude(self, place):
        if place[0] in self.history.names:
            self._do(self.history.intrude, *place)

    @rule(fault=st.sampled_from(["device_silent", "device_answer_lost"]))
    def radio(self, fault):
        if "sleeper" in self.history.names:
            self._do(self.history.radio, fault)

    @rule(name=st.sampled_from(["sleeper", "lamp"]))
    def race(self, name):
        if name in self.history.names:
            self._do(self.history.race, name)

    def teardown(self):
        if self.history is None:
            return
        try:
            if not self.has_failed:
                self.history.finish()
        finally:
            self.history.close()

    def _do(self, move, *args, **kwargs):
        self.has_failed = True
        move(*args, **kwargs)
        self.has_failed = False


@pytest.mark.timeout(600)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_history_comes_to_rest_and_every_device_holds_what_git_says(shard):
    chosen = SEED + shard
    told = f"DELIVERY_SEED={SEED} shard {shard}: {HISTORIES // SHARDS} histories of up to {STEPS} moves\n"
    sys.stdout.write(told)  # shown with a failure
    machine = with_seed(chosen)(type(f"DeliveryMachine{shard}", (DeliveryMachine,), {}))
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=HISTORIES // SHARDS,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
