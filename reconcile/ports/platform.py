"""A cloud as a whole: its dialect, and how a client of it is opened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from reconcile.model.late import dataclass
from reconcile.ports.client import Client
from reconcile.ports.dialect import Dialect
from reconcile.ports.keys import Credentials, Secrets
from reconcile.ports.values import PlatformConfig


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """What a client is built from: validated configuration, keys, endpoint override, pace, clock and nonces.

    `endpoint` overrides every endpoint of the configuration (`--endpoint`). `pace` is awaited before each request:
    it is the lane's quota. `now` is our own clock (aware UTC). `throttled` is called for every answer, to a read or a
    write, that says that the account asks too fast.
    """

    config: PlatformConfig
    credentials: Credentials
    secrets: Secrets
    endpoint: str | None
    pace: Callable[[], Awaitable[None]]
    now: Callable[[], datetime]
    nonce: Callable[[], str]
    throttled: Callable[[], object] = lambda: None


class Platform(Protocol):
    """A cloud: its dialect, and how to open a client. `API_VERSION` is 1."""

    @property
    def type(self) -> str:
        """The `type` in manifests: onenet, aliyun, ..."""
        ...

    @property
    def dialect(self) -> Dialect:
        """Its pure half."""
        ...

    def credential_names(self, config: PlatformConfig) -> Sequence[str]:
        """The credentials without which no call can be made."""
        ...

    def open(self, settings: ClientSettings) -> Client:
        """A client for one account; opens no connection yet."""
        ...
