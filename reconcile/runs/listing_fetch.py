"""Asks clouds for their devices, all accounts at once; a listing is whole or it is none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from reconcile.model.errors import ReconcileError
from reconcile.ports import Client, ListedDevice, Lister, Listing

MOST_DEVICES: Final = 2_000_000
_SILENCE_S: Final = 600.0
"""How long a cloud may go on without naming a device: pages are slow where an account is large and a tag is rare."""

Answer: TypeAlias = Sequence[ListedDevice] | str
"""All devices of a listing, or why there is none."""


def fetch(listings: Sequence[Listing], connect: Mapping[str, Callable[[], Client]]) -> list[Answer]:
    """The answer to each listing, in order; `connect` opens a client of a platform by its name."""
    return asyncio.run(_all(listings, connect))


async def _all(listings: Sequence[Listing], connect: Mapping[str, Callable[[], Client]]) -> list[Answer]:
    clients: dict[str, Client | str] = {}
    for name in dict.fromkeys(listing.platform for listing in listings):
        try:
            clients[name] = connect[name]()
        except ReconcileError as exc:
            clients[name] = _reason(exc)
    try:
        return list(await asyncio.gather(*(_one(clients[listing.platform], listing) for listing in listings)))
    finally:
        for client in clients.values():
            if not isinstance(client, str):
                await client.close()


async def _one(client: Client | str, listing: Listing) -> Answer:
    if isinstance(client, str):
        return client
    if not isinstance(client, Lister):
        return "this platform cannot list devices; list them in a file"
    found: list[ListedDevice] = []
    devices = aiter(client.list_devices(listing))
    try:
        while len(found) <= MOST_DEVICES:
            async with asyncio.timeout(_SILENCE_S):
                found.append(await anext(devices))
    except StopAsyncIteration:
        return found
    except TimeoutError:
        return f"the cloud named no device for {_SILENCE_S:g} s"
    except ReconcileError as exc:
        return _reason(exc)
    finally:
        close = getattr(devices, "aclose", None)
        if close is not None:
            await close()
    return f"the cloud names more than {MOST_DEVICES:,} devices; name products or tags"


def _reason(exc: ReconcileError) -> str:
    return f"{exc.code}: {str(exc).removesuffix('.')}"
