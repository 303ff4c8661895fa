"""Where the program meets the system, put under the simulation's control: clocks, nonces, connections, heartbeats, pids.

Nothing of the program's own logic is replaced: a heartbeat renews its lease with the program's own statement, only
from a timer of the simulated process instead of a thread.
"""

import contextlib
import functools
import ssl
from types import SimpleNamespace

from reconcile.platforms.aliyun import transport as aliyun_transport
from reconcile.platforms.onenet import transport as onenet_transport
from reconcile.runs import generation, wiring
from reconcile.state import heartbeat, lease, lease_watch, leasing

from .loop import OWNER
from .network import Wire


class Beat(heartbeat.Heartbeat):
    """The program's heartbeat, beating on the virtual loop of its process."""

    def __init__(self, path, claim, fence):
        self._owner = OWNER.get()
        self._timer = None
        self._is_stopped = False
        self._path, self._claim, self._fence = path, claim, fence
        self._began = self._renewed = heartbeat.time.monotonic()
        self._is_lost = False
        self._again(claim.ttl_s / 3)

    def stop(self):
        self._is_stopped = True
        if self._timer is not None:
            self._timer.cancel()

    def _again(self, wait_s):
        self._timer = self._owner.loop.call_later(wait_s, self._turn)

    def _renew(self, expires):
        return lease.renew(self._owner.store._connection, self._claim.lane, self._fence, expires)

    def _turn(self):
        if not self._is_lost and not self._is_stopped:
            self._again(self._claim.ttl_s / (3 if self._beat() else 10))


@contextlib.contextmanager
def installed(site):
    """The seams of one site, for as long as the block lasts."""

    def owner():
        return OWNER.get() or site.outsider

    def connections(_limits, *, tls):
        del tls
        return Wire(site, owner())

    changes = [
        (generation, "_is_older", lambda _git, commit, last: int(commit) < int(last)),
        (wiring, "utc_now", lambda: owner().now()),
        (wiring, "monotonic_s", lambda: owner().monotonic_s()),
        (wiring, "uuid", SimpleNamespace(uuid4=lambda: SimpleNamespace(hex=owner().nonce()))),
        (onenet_transport, "Connections", connections),
        (aliyun_transport, "Connections", connections),
        (onenet_transport, "tls_for", _tls_for),
        (aliyun_transport, "tls_for", _tls_for),
        (heartbeat, "time", SimpleNamespace(monotonic=lambda: owner().monotonic_s())),
        (leasing, "Heartbeat", Beat),
        (lease_watch, "time", SimpleNamespace(monotonic=lambda: owner().monotonic_s())),
        (lease.Process, "is_gone", lambda self: site.is_gone(self.pid)),
    ]
    kept = [(place, name, getattr(place, name)) for place, name, _ in changes]
    try:
        for place, name, stand_in in changes:
            setattr(place, name, stand_in)
        yield
    finally:
        for place, name, original in kept:
            setattr(place, name, original)


@functools.cache
def _tls_for(_scheme):
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
