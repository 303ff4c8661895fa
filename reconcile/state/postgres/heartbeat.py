"""Keeps a lease alive on a server, over a connection of its own: a long commit does not stop it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from reconcile.state.heartbeat import Heartbeat
from reconcile.state.lease import Claim, renew
from reconcile.state.sql import Sql


class ServerHeartbeat(Heartbeat):
    """As `Heartbeat`; `opened` connects for one statement."""

    def __init__(self, opened: Callable[[], AbstractContextManager[Sql]], claim: Claim, fence: int) -> None:
        self._opened = opened
        super().__init__(Path(), claim, fence)

    def _renew(self, expires: str) -> bool:
        with self._opened() as connection:
            return renew(connection, self._claim.lane, self._fence, expires)
