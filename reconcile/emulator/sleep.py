"""When a device speaks, and when it can be spoken to.

Premise: a device's uplinks are a pure function of its sleep pattern, so nobody needs to simulate the silent ones: the
next and the last uplink of any instant are arithmetic. Only a device with undelivered work is walked from uplink to
uplink.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_DEFAULT_UPLINK_S = 60.0
_DEFAULT_WINDOW_S = 5.0
_NEVER_MS = 10**13
_RESENT_AFTER_MS = (0, 6_000, 18_000)
"""When a downlink is sent: at once, after 5 to 7.5 s (here 6), then after twice that (NB-IoT book, FAQ api#1)."""


def sends(patience_ms: int) -> tuple[int, ...]:
    """Delays of the first transmission and its repetitions within the sender's patience: three within 25 s."""
    return tuple(delay_ms for delay_ms in _RESENT_AFTER_MS if delay_ms <= patience_ms)


@dataclass(frozen=True, slots=True)
class Sleep:
    """A sleep pattern: uplinks at `first_ms + k * every_ms`; `kind` is `none`, `psm`, `edrx` or `off`.

    none: always reachable, or for `awake_ms` after an uplink where the network then takes the path back (FAQ
    protocol#12). psm: reachable for `awake_ms` after an uplink. edrx: reachable in a paging window of `awake_ms` at the
    start of each `cycle_ms` (FAQ#158: "reachable only in paging windows"). off: never speaks again, never hears.
    """

    kind: str
    first_ms: int
    every_ms: int
    awake_ms: int = 0
    cycle_ms: int = 0

    def next_uplink(self, after_ms: int) -> int:
        """The first uplink later than `after_ms`, never before `first_ms`."""
        if after_ms < self.first_ms:
            return self.first_ms
        return self.first_ms + ((after_ms - self.first_ms) // self.every_ms + 1) * self.every_ms

    def last_uplink(self, at_ms: int) -> int:
        """The latest uplink not later than `at_ms`; the pattern reaches back before `first_ms`."""
        return self.first_ms + (at_ms - self.first_ms) // self.every_ms * self.every_ms

    def is_reachable(self, at_ms: int, last_uplink_ms: int, patience_ms: int) -> bool:
        """Whether a downlink sent now is answered before the sender's patience ends."""
        return self.heard_after(at_ms, last_uplink_ms, patience_ms) is not None

    def heard_after(self, at_ms: int, last_uplink_ms: int, patience_ms: int) -> int | None:
        """Milliseconds until the device hears a downlink sent now, or one of its repetitions; None when it never does.

        The network keeps a downlink for the next paging window (eDRX); a device in PSM hears only what is sent while
        it is awake.
        """
        match self.kind:
            case "off":
                return None
            case "edrx":
                into_cycle = (at_ms - self.first_ms) % self.cycle_ms
                wait_ms = 0 if into_cycle < self.awake_ms else self.cycle_ms - into_cycle
                return wait_ms if wait_ms <= patience_ms else None
            case "none" if not self.awake_ms:
                return 0
            case _:
                for delay_ms in sends(patience_ms):
                    sent_ms = at_ms + delay_ms
                    spoken_ms = max(last_uplink_ms, self.last_uplink(sent_ms))
                    if sent_ms - spoken_ms < self.awake_ms:
                        return delay_ms
                return None


def sleep_from(record: Mapping[str, Any], *, seed: int, identity: str, base_ms: int) -> Sleep:
    """The pattern of a population record's `sleep`; raises ValueError when it is malformed.

    The first uplink of a device falls between a quarter and the whole of its period after the start, the same for
    the same seed, unless `phase_s` says otherwise.
    """
    kind = record.get("kind", "none")
    match kind:
        case "none":
            every_ms, cycle_ms = _ms(record, "uplink_every_s", _DEFAULT_UPLINK_S), 0
            awake_ms = _ms(record, "path_s") if "path_s" in record else 0
        case "off":
            return Sleep(kind, base_ms, _NEVER_MS)
        case "psm":
            every_ms, awake_ms, cycle_ms = _ms(record, "wake_every_s"), _ms(record, "awake_s"), 0
        case "edrx":
            cycle_ms = _ms(record, "cycle_s")
            every_ms = _ms(record, "uplink_every_s", cycle_ms / 1000)
            awake_ms = _ms(record, "window_s", min(_DEFAULT_WINDOW_S, cycle_ms / 1000))
        case _:
            raise ValueError(f"sleep kind {kind!r} is not none, psm, edrx or off")
    if "phase_s" in record:
        phase_ms = int(float(record["phase_s"]) * 1000) % every_ms
    else:
        phase_ms = _phase(seed, identity, every_ms, awake_ms)
    return Sleep(kind, base_ms + phase_ms, every_ms, awake_ms, cycle_ms)


def _phase(seed: int, identity: str, every_ms: int, awake_ms: int) -> int:
    lowest = every_ms // 4
    highest = max(lowest + 1, every_ms - awake_ms)
    digest = hashlib.sha256(f"{seed}/{identity}".encode()).digest()
    return lowest + int.from_bytes(digest[:8], "big") % (highest - lowest)


def _ms(record: Mapping[str, Any], name: str, default: float | None = None) -> int:
    value = record.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
        raise ValueError(f"sleep {name} must be a number of seconds above 0, not {value!r}")
    return max(1, int(value * 1000))
