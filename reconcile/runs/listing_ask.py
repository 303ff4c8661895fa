"""Connects listings with this machine: its clock, its state's folder, its keys and its clients."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from reconcile.manifest.inventory_entries import ListedInventory
from reconcile.model.errors import ReconcileError
from reconcile.model.fleet import StateConfig
from reconcile.model.values import JsonObject
from reconcile.ports import Client, PlatformConfig
from reconcile.runs import wiring
from reconcile.runs.keys import NamedKeys
from reconcile.runs.listing_shelf import Shelf
from reconcile.runs.listings import Freshness, Listings

if TYPE_CHECKING:
    from reconcile.runs.listing_fetch import Answer
    from reconcile.runs.session import Options


def listings_of(options: Options, freshness: Freshness) -> Listings:
    """How a command with these options comes by listings."""

    def shelf(state: StateConfig) -> Shelf:
        return Shelf(wiring.state_folder(options.state, state, options.manifests) / "listings")

    return Listings(freshness, shelf, partial(_ask, options), options.endpoints, options.now)


def _ask(
    options: Options, entries: Sequence[ListedInventory], configs: Mapping[str, PlatformConfig]
) -> Sequence[Answer]:
    from reconcile.runs.listing_fetch import fetch  # brings the event loop, which a fresh listing never needs

    connect = {name: _connector(options, configs[name]) for name in {entry.listing.platform for entry in entries}}
    return fetch([entry.listing for entry in entries], connect)


def _connector(options: Options, config: PlatformConfig) -> Callable[[], Client]:
    """Opens a client of its own. Raises, when called: ReconcileError saying which keys are missing."""

    def connect() -> Client:
        from reconcile.apply.pace import Pace

        names = wiring.platforms()[config.type].credential_names(config)
        keys = NamedKeys(config, options.environ, options.manifests, now=options.now, names=names)
        missing = [problem.detail for problem in keys.problems(names)]
        if missing:
            raise ReconcileError(" ".join(missing), code="RCL411")
        pace = Pace(config.requests_per_second, wiring.monotonic_s)
        endpoint = options.endpoints.get(config.name)
        return wiring.open_client(config, credentials=keys, secrets=_NoSecrets(), endpoint=endpoint, pace=pace)

    return connect


class _NoSecrets:
    """`ports.Secrets` of a client that only lists."""

    def resolve(self, marker: JsonObject) -> str:
        """Never asked."""
        raise ReconcileError(f"a listing needs no secret, but one was asked for: {sorted(marker)}")
