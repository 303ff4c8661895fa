"""OneNET accounts for the conformance kit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reconcile.model.actions import Action, QueueWrite, WriteNow
from reconcile.model.desired import Command
from reconcile.model.diagnostic import NOWHERE
from reconcile.platforms.onenet import PLATFORM
from reconcile.platforms.onenet.wire import body
from reconcile.ports import Listing, PlatformConfig
from reconcile.testing.platform_sample import Sample

KEYS = {"masterKey": "emulator-master-key", "accessKey": "ZW11bGF0b3ItYWNjZXNzLWtleS0wMDAwMDAwMDAwMDA="}
IMEI = "865820031234567"
DEVICE: dict[str, Any] = {"cloud": "onenet", "imei": IMEI, "sleep": {"kind": "none"}}


def fits(action: Action) -> bool:
    """At most 2k a write."""
    return not isinstance(action, WriteNow | QueueWrite) or body.size_bytes(action.writes) <= 2048


@dataclass(frozen=True)
class Generation:
    """A pair of API generations."""

    instant: str
    cached: str

    @property
    def sample(self) -> Sample:
        credentials = {name: {"env": name.upper()} for name in KEYS} | {"resource": "userid/38055"}
        spec: dict[str, Any] = {
            "type": "onenet",
            "instant": {"api": self.instant},
            "cached": {"api": self.cached},
            "credentials": credentials,
            "tokenMethod": "sha256",
        }
        return Sample(
            platform=PLATFORM,
            config=PlatformConfig("onenet-prod", "onenet", spec, 100.0, NOWHERE),
            fields={"imei": IMEI},
            values={
                "/3303/0/5603": [-10.0, -20.5],
                "/3303/0/5604": [60.0],
                "/3303/1/5603": [0.1],
                "/3/0/14": ["+08:00", "+09:00"],
                "/1/0/1": [86400, 300],
                "/1/0/6": [True, False],
                "/19/0/0": ["0A1B", "FF"],
                "/3/0/13": ["2026-11-22T08:00:00Z", 1_700_000_000],
                **{f"/32769/0/{number}": ["x" * 700, "y"] for number in range(5)},
            },
            types={"/19/0/0": "opaque", "/3/0/13": "time"},
            alike=[
                ("/3303/0/5603", 21, 21.0),
                ("/3303/0/5603", 0.15, 0.15000000596046448),
                ("/19/0/0", "0A1B", [10, 27]),
                ("/3/0/13", 1_700_000_000, 1_700_000_000_000),
            ],
            bad_fields=[{}, {"imei": "86582003123456"}, {"imei": "sixteen"}, {"deviceName": "meter"}],
            bad_paths=["Temperature", "/3303/0", "3303", "/3303/0/5603/1", "/a/b/c", "/3303/0/70000"],
            bad_values=[("/3303/0/5603", None), ("/3303/0/5603", [1]), ("/3303/0/5603", {"a": 1}), ("/1/0/1", 2**64)],
            credentials=KEYS,
            commands=[
                Command("reboot", "/3/0/4", args="now", trigger="once"),
                Command("plain", "/3/0/5", after=("/1/0/1",)),
            ],
            fits=fits,
            listing=None if self.cached == "current" else Listing("onenet-prod"),  # that one lists product by product
        )


CLASSIC, STUDIO, CURRENT = (
    Generation("classic", "classic"),
    Generation("studio", "classic"),
    Generation("current", "current"),
)
