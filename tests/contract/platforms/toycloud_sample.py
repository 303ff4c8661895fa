"""An account of the example platform for the conformance kit."""

from __future__ import annotations

from example_platform import PLATFORM
from example_platform.cloud import TOKEN, WORKSPACE, ToyCloud
from example_platform.dialect import ITEMS_PER_SET

from reconcile.model.actions import SetDesired
from reconcile.model.diagnostic import NOWHERE
from reconcile.ports import Listing, PlatformConfig
from reconcile.testing.platform_contract import Sample

__all__ = ["PLATFORM", "SAMPLE", "ToyCloud"]

_SPEC = {"type": "toycloud", "workspace": WORKSPACE, "credentials": {"token": {"env": "TOY_TOKEN"}}}
SAMPLE = Sample(
    platform=PLATFORM,
    config=PlatformConfig("toys", "toycloud", _SPEC, 50.0, NOWHERE),
    name="lamp-1",
    values={
        "Brightness": [60, 61],
        "Power": [True, 1, False, 0],
        "Banner": ["hello", "Hello", "1"],
        **{f"Level{number}": [number, number + 0.5] for number in range(ITEMS_PER_SET)},
    },
    alike=[("Brightness", 60, 60.0)],
    bad_fields=[{"deviceName": "Not Small"}],
    bad_paths=["9lives", "a b", "a:b"],
    bad_values=[("Brightness", [1]), ("Brightness", {"a": 1}), ("Banner", "\x00")],
    credentials={"token": TOKEN},
    listing=Listing("toys"),
    fits=lambda action: isinstance(action, SetDesired) and 0 < len(action.items) <= ITEMS_PER_SET,
)
