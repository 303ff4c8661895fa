"""Rounds of an edit, an apply that meets faults on its way, and the same again without: nothing twice, nothing lost.

The real program in this process, its real clients on real sockets; the emulator's log says what happened.
"""

import asyncio
import json
import sys
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "crash" / "apply"))

from crash_fleet import LAMP, LISTENER, SLEEPER, Mixed
from crash_instant import VALVE, Instant
from crash_site import KEYS, site
from crash_things import Things
from proxy import Proxy

from reconcile.model.errors import ReconcileError
from reconcile.platforms.aliyun import client as aliyun
from reconcile.platforms.aliyun import transport as aliyun_transport
from reconcile.platforms.onenet import calls, queue, radio
from reconcile.platforms.onenet import client as onenet
from reconcile.platforms.onenet.thing import desired as things
from reconcile.runs.apply import ApplyRequest, Approval, apply
from reconcile.runs.plan import Request
from reconcile.runs.recorded import Deed
from reconcile.runs.recorded_settle import for_operator, settle_by_hand
from reconcile.runs.session import Options, Session

PATIENCE_S = 1.5
"""How long the clients wait here, instead of 10 to 60 s."""
RUNS = 4
"""Of the same command, after which a round is through."""


class Rounds:
    """What all kinds of history share; a subclass is a story of `tests/crash` that goes on and on."""

    KINDS = ()
    """The mutating requests of a round."""
    READS = ()
    """Its questions."""
    number = 1

    def __init__(self, *place):
        self.told = []
        super().__init__(*place)

    def kinds(self, fault):
        """The mutating requests that a fault may befall."""
        return self.KINDS

    def edit(self):
        """Every resource wants another value."""
        raise NotImplementedError

    def judge(self):
        """What must hold after each round."""
        raise NotImplementedError

    def round(self, proxy, faults):
        """Edits, applies under the faults, then applies without until all is through. Which kinds were struck."""
        self.number += 1
        if any(fault.is_twice for fault in faults.values()):
            self.copies = 3  # Aliyun's client signs anew when its nonce was used, under the same attempt
        self.edit()
        proxy.arm(faults)
        code = self.run_here()
        struck = dict(proxy.struck)
        proxy.arm({})
        for _ in range(RUNS):
            self.skip()
            code = self.run_here()
            if code == 0:
                break
        assert code == 0, f"still {code} after {RUNS} more runs"
        self.judge()
        return struck

    def run_here(self):
        """`reconcile apply --yes` without a process of its own. The exit code."""
        endpoints = dict.fromkeys(self.ENDPOINTS, self.url)
        options = Options(self.manifests, self.state_url, endpoints, KEYS)

        async def go(session):
            try:
                request = ApplyRequest(
                    Request(), Approval(None, lambda plan: True), lambda event: None, asyncio.Event(), "faults"
                )
                return await apply(session, request)
            finally:
                await session.close_clients()

        with Session.open(options, creates_state=True) as session:
            try:
                code = asyncio.run(go(session)).exit_code
            except ReconcileError as told:
                self.told.append(str(told))
                return 1
            if code == 5:
                self.answer(session)
            return code

    def answer(self, session):
        """What waits for a person is answered by what the device says."""

    def accepted(self, operation):
        """How many different intents of a kind took effect: copies of a request share their expiry."""
        return len({json.dumps(entry["precondition"], sort_keys=True) for entry in self.landed(operation)})


class MixedRounds(Rounds, Mixed):
    """Queued writes and a command, withdrawals, an instant write, desired properties with versions."""

    KINDS = (
        *("SetDeviceDesiredProperty", "POST /LwM2M-online write", "POST /nbiot/offline"),
        *("POST /nbiot/execute/offline", "PUT /nbiot/offline/cancel/{uuid}"),
    )
    READS = ("QueryDeviceDesiredProperty", "GET /devices/getbyimei", "GET /nbiot/offline/history")

    def edit(self):
        self.declare(self.number)

    def judge(self):
        value = self.number
        self.check_at_rest()
        live = sorted(path for paths in self.live().values() for path in paths)
        once = ["/1/0/3", "/3/0/4", "/3303/0/5603", "/3303/0/5604"]
        # A write of which a copy landed waits twice: no answer told of the copy, and it says the same.
        assert live == once if self.copies == 1 else (sorted(set(live)), live.count("/3/0/4")) == (once, 1)
        assert self.accepted("queue_execute") == value
        lamp = self.get(f"/devices/aliyun/{LAMP}")["desired"]
        assert {(item["value"], item["version"]) for item in lamp.values()} == {(value, value)}
        listener = self.get(f"/devices/onenet/{LISTENER}")["values"]
        assert (listener["/3303/0/5603"], listener["/1/0/3"]) == (value, value * 100)

    def close(self):
        self.check_delivered(self.number, executions=1)
        assert len(self.get(f"/devices/onenet/{SLEEPER}")["executions"]) == 1


class InstantRounds(Rounds, Instant):
    """Instant commands before and after an instant write; each runs once a round."""

    KINDS = ("POST /LwM2M-online execute", "POST /LwM2M-online write")

    def kinds(self, fault):
        """One at a time: where an answer is lost, what follows it waits."""
        return self.KINDS[1:] if fault.is_twice else [self.KINDS[self.number % 2]]

    def edit(self):
        text = (self.manifests / "valve.yaml").read_text(encoding="utf-8")
        old, new = self.number - 1, self.number
        self.file("valve.yaml", text.replace(f"{old}.0, /1/0/3: {old}00", f"{new}.0, /1/0/3: {new}00"))

    def answer(self, session):
        waiting = for_operator(session)
        assert len(waiting) == len(session.store.open_attempts())
        for one in waiting:
            has_run = self._ran(one.attempt.entry.target) == self.number
            settle_by_hand(session, one, Deed("faults", "looked"), has_run=has_run)

    def judge(self):
        self.check_at_rest()
        assert [self._ran(path) for path in (self.BEFORE, self.AFTER)] == [self.number] * 2
        values = self.get(f"/devices/onenet/{VALVE}")["values"]
        assert (values["/3303/0/5603"], values["/1/0/3"]) == (self.number, self.number * 100)

    def close(self):
        pass


class ThingRounds(Rounds, Things):
    """Desired properties of things, one of them cleared every other round."""

    KINDS = ("POST /application SetDeviceDesiredProperty", "POST /application DeleteDeviceDesiredProperty")
    READS = ("POST /application QueryDeviceDesiredProperty",)
    number = 60

    def edit(self):
        self._declare(f"{{Level: {self.number}, Tone: {'null' if self.number % 2 else self.number}}}")

    def judge(self):
        self.check_at_rest()
        for name in self.NAMES.values():
            held = {key: item["value"] for key, item in self.get(f"/devices/onenet/{name}")["desired"].items()}
            assert held == {"Level": self.number} | ({} if self.number % 2 else {"Tone": self.number})

    def close(self):
        pass


HISTORIES = {"mixed": MixedRounds, "instant": InstantRounds, "things": ThingRounds}


@contextmanager
def history(name, folder):
    """A history after its first, undisturbed apply, with the proxy it talks through and clients of little patience."""
    with site(folder, HISTORIES[name]) as place, ExitStack() as stack:
        assert place.run_here() == 0
        for module, constant, value in (
            (onenet, "ANSWER_TIMEOUT_S", PATIENCE_S),
            (queue, "ANSWER_TIMEOUT_S", PATIENCE_S),
            (things, "ANSWER_TIMEOUT_S", PATIENCE_S),
            (things, "TOKEN_MARGIN", timedelta(seconds=0.2)),
            (onenet, "DEVICE_MARGIN_S", PATIENCE_S - 5),
            (radio, "DEVICE_MARGIN_S", PATIENCE_S - 5),
            (calls, "ANSWER_TIMEOUT_S", PATIENCE_S),
            (aliyun, "ANSWER_TIMEOUT_S", PATIENCE_S),
            (aliyun_transport, "ANSWER_TIMEOUT_S", PATIENCE_S),
        ):
            stack.enter_context(mock.patch.object(module, constant, value))
        proxy = stack.enter_context(Proxy(place.emulator.port, after=lambda fault: place.skip(60)))
        place.url = proxy.url
        yield place, proxy
        place.close()
