"""Whether an account lists what `inventory:` asks of it: each listing as far as its first device, then no further.

Premise: a plan makes these calls with the keys of the plan role, and a call that they may not make fails it.
Rule: the platform's own client asks, so that the calls are those of a plan. What it names is kept nowhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from reconcile.model.device import Identity
from reconcile.model.errors import ReconcileError
from reconcile.model.examination import Finding, Mark
from reconcile.model.late import dataclass
from reconcile.ports import ClientSettings, ListedDevice, Lister, Listing, Platform

_TOPIC: Final = "listing"
_WAIT_S: Final = 20.0
"""Searching a large account for a rare tag takes longer than anybody waits for a doctor."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What was found, and the first devices that were named: samples where nothing else names a device."""

    findings: Sequence[Finding] = ()
    samples: Sequence[Identity] = ()


async def look_at_listings(platform: Platform, settings: ClientSettings, listings: Sequence[Listing]) -> Listed:
    """A finding for each listing. Raises: ReconcileError for keys that no client can use."""
    if not listings:
        return Listed()
    client = platform.open(settings)
    try:
        if not isinstance(client, Lister):
            return Listed([Finding(_TOPIC, Mark.PROBLEM, "listing.cannot", {"type": platform.type})])
        found = [await _first(client, listing) for listing in listings]
    finally:
        await client.close()
    named = [(listing, device) for listing, (_, device) in zip(listings, found, strict=True) if device is not None]
    identities = [platform.dialect.read_identity(device.fields, device.name) for _, device in named]
    return Listed([finding for finding, _ in found], [one for one in identities if isinstance(one, Identity)])


async def _first(client: Lister, listing: Listing) -> tuple[Finding, ListedDevice | None]:
    """The first device of a listing, and what is to be said of it."""
    values = {"what": _what(listing)}
    devices = aiter(client.list_devices(listing))
    try:
        async with asyncio.timeout(_WAIT_S):
            device = await anext(devices)
    except StopAsyncIteration:
        return Finding(_TOPIC, Mark.WARNING, "listing.empty", values), None
    except TimeoutError:
        return Finding(_TOPIC, Mark.SKIPPED, "listing.slow", {**values, "seconds": int(_WAIT_S)}), None
    except ReconcileError as exc:
        message = str(exc).removesuffix(".")
        return Finding(_TOPIC, Mark.PROBLEM, "listing.failed", {**values, "message": message}), None
    finally:
        close = getattr(devices, "aclose", None)
        if close is not None:
            await close()
    return Finding(_TOPIC, Mark.OK, "listing.answered", {**values, "device": device.name}), device


def _what(listing: Listing) -> str:
    """Platform, products and tags, as the manifest names them."""
    tags = [f"{name}={value}" if value else name for name, value in sorted(listing.tags.items())]
    return " ".join([listing.platform, *listing.products, *tags])
