"""What an apply tells while it runs: values that the command line, a log or a test can read alike."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from reconcile.model.device import DeviceRef
from reconcile.model.journal import AttemptState
from reconcile.model.late import dataclass


@dataclass(frozen=True, slots=True)
class Attempted:
    """An attempt came to an end, or into doubt."""

    device: DeviceRef
    step: str
    kind: str
    state: AttemptState
    message: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Blocked:
    """A step was not begun, because one it depends on did not succeed."""

    device: DeviceRef
    step: str
    kind: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """A device needed no request: found in place, or released."""

    device: DeviceRef


@dataclass(frozen=True, slots=True)
class Waiting:
    """An attempt in doubt is watched until it can no longer land; at the latest `until` (the cloud's clock)."""

    device: DeviceRef
    kind: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Settled:
    """An attempt that an earlier run left open is settled now, or waits for a person (NEEDS_OPERATOR)."""

    device: DeviceRef
    kind: str
    state: AttemptState
    message: str = ""


@dataclass(frozen=True, slots=True)
class Watching:
    """An account's lease is held on another machine: its holder is watched for `seconds` at most."""

    platform: str
    seconds: float
    message: str


@dataclass(frozen=True, slots=True)
class Slowed:
    """An account said that we are too fast: from now on so many requests a second, until it grows back."""

    platform: str
    requests_per_second: float


@dataclass(frozen=True, slots=True)
class LaneStopped:
    """A whole account failed too often in a row: the rest of its devices is left for the next run."""

    platform: str
    message: str


Event: TypeAlias = Attempted | Blocked | Recorded | Waiting | Settled | Watching | Slowed | LaneStopped
