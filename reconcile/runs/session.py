"""An open fleet: manifests loaded, state opened, clients on demand. What every run starts from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from reconcile.manifest.document import Fleet
from reconcile.model.address import is_safe
from reconcile.model.desired import DeliveryMode
from reconcile.model.device import Identity
from reconcile.model.diagnostic import Diagnostic, in_order
from reconcile.model.fleet import DesiredDevice, StateConfig
from reconcile.model.late import dataclass
from reconcile.model.values import Known, is_secret
from reconcile.ports import Capabilities, ChecksAccount, Client, Dialect, Problem, StateStore
from reconcile.runs import wiring
from reconcile.runs.asked import Asked
from reconcile.runs.caches import Caches
from reconcile.runs.keys import NamedKeys
from reconcile.runs.listing_ask import listings_of
from reconcile.runs.listings import Freshness
from reconcile.runs.load import Purpose, load
from reconcile.runs.recorded_fleet import ScreenedFleet
from reconcile.runs.secret_values import Vault, has_secrets, seal
from reconcile.runs.source import FolderSource
from reconcile.runs.throttling import Throttling

if TYPE_CHECKING:
    from reconcile.apply.pace import Pace
    from reconcile.manifest.settled.under import Under
    from reconcile.runs.load import Amend
    from reconcile.runs.planned_heads import Foresight
    from reconcile.runs.policy_base import PolicyBase


_LONGEST_PAUSE_S = 60.0
"""No account asks for a longer pause. What looks like one is a clock that was set back, and nobody waits for that."""


class InputRejectedError(Exception):
    """The user's input stops the run before anything is sent; `diagnostics` says all that is wrong with it."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        super().__init__("input rejected")
        self.diagnostics = in_order(diagnostics)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says about where things are. `endpoints` override a platform's own, for emulators.

    `policy_from`: a commit, or a folder, whose policies, accounts and state count in place of the manifests' own.
    `reading` hears how many bytes of inventories were read, and of how many. `only`: this device alone is shown, by
    `platform/name` or name, and with an empty one nothing of the fleet; rows of others are not judged.
    """

    manifests: Path = Path("manifests")
    state: str | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    now: Callable[[], datetime] = wiring.utc_now
    policy_from: str | None = None
    reading: Callable[[int, int], None] | None = None
    only: str | None = None


class Session:
    """Use as a context manager; `close_clients` belongs inside the event loop that used them."""

    def __init__(
        self, options: Options, fleet: Fleet, store: StateStore, source: FolderSource, base: PolicyBase | None = None
    ) -> None:
        self.options = options
        self.base = base
        self.fleet = fleet
        self.store = store
        self.source = source
        self.vault = Vault(options.environ, store.secret_key())
        self.paces: dict[str, Pace] = {}
        self.throttling = Throttling(self.paces, store, options.now)
        self._clients: dict[str, Client] = {}
        self._named_keys: dict[str, NamedKeys] = {}
        self._devices: list[DesiredDevice] | None = None

    @classmethod
    def open(
        cls,
        options: Options,
        *,
        creates_state: bool = False,
        freshness: Freshness = Freshness.IF_KEPT,
        spares_rest: bool = False,
        source: FolderSource | None = None,
        leaves_out_settled: bool | Foresight | Asked = False,
    ) -> Self:
        """The fleet of a folder with its state. Raises: InputRejectedError, StateError.

        With `spares_rest`, errors about device models only cost the devices that have them (`fleet.doubtful`); for
        looking only: nothing may be sent, nor saved to be sent, from such a fleet.

        `freshness` is that of listings of clouds; a run that plans must not do with IF_KEPT. `source`: manifests from
        elsewhere, such as a commit; the state is still that of the folder. `leaves_out_settled`: nothing but a plan of
        the whole fleet is made, so devices that it would only count need not be among the fleet's (`fleet.left_out`).
        A foresight in its place: a saved plan is applied, and the same holds of records as they will be then. Devices
        that are asked about in its place: the plan is about no others.
        """
        source = source or FolderSource(options.manifests)
        if not all(map(is_safe, options.endpoints.values())):
            freshness = Freshness.IF_KEPT  # nothing is asked; the endpoint itself is told below
        caches = Caches.beside(options.manifests, options.environ)
        base, amend = _base_of(options, caches, asks=creates_state or freshness is not Freshness.NEVER)
        listings = listings_of(options, freshness)
        only = None if isinstance(leaves_out_settled, bool) else leaves_out_settled
        recorded = partial(_screened, options, only) if leaves_out_settled else None
        asked = leaves_out_settled.labels if isinstance(leaves_out_settled, Asked) else None
        purpose = Purpose(amend, recorded, options.only, asked, None if base is None else base.policies)
        fleet = load(source, now=options.now(), listings=listings, caches=caches, purpose=purpose)
        fleet = fleet if base is None else base.over(fleet)
        check_endpoints(options, fleet)
        wrong = [diagnostic for diagnostic in fleet.diagnostics if diagnostic.is_error]
        is_spared = spares_rest and len(fleet.doubtful) < len(fleet.devices) and all(one.is_local for one in wrong)
        if wrong and not is_spared:
            raise InputRejectedError(fleet.diagnostics)
        if wrong:
            fleet = replace(fleet, devices=[one for one in fleet.devices if one.device.ref not in fleet.doubtful])
        # Fingerprints of secrets are keyed by the state, so a plan that holds one needs the state it will run on.
        create = creates_state or has_secrets(fleet.devices)
        store = wiring.open_store(options.state, fleet.state, options.manifests, create=create)
        return cls(options, fleet, store, source, base)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.store.close()

    def devices(self) -> list[DesiredDevice]:
        """Declared devices, secrets sealed. Raises: InputRejectedError when a secret is missing."""
        if self._devices is None:
            devices, problems = seal(self.fleet.devices, self.vault)
            if problems:
                raise InputRejectedError(problems)
            self._devices = list(devices)
        return self._devices

    def whole(self) -> list[DesiredDevice]:
        """As `devices`, with those that were left out; they are read again. Raises: InputRejectedError."""
        if not self.fleet.left_out:
            return self.devices()
        fleet = load(self.source, now=self.options.now())
        if any(diagnostic.is_error for diagnostic in fleet.diagnostics):
            raise InputRejectedError(fleet.diagnostics)
        devices, problems = seal(fleet.devices, self.vault)
        if problems:
            raise InputRejectedError(problems)
        return list(devices)

    def dialect(self, platform: str) -> Dialect:
        """The pure half of a platform of this fleet."""
        return wiring.platforms()[self.fleet.platforms[platform].type].dialect

    def capabilities(self, platform: str, identity: Identity) -> Capabilities:
        """What a platform can do for a device."""
        dialect = self.dialect(platform)
        return dialect.capabilities(dialect.model_key(identity))

    def may_queue(self, desired: DesiredDevice) -> bool:
        """Whether the account can look after cached commands; asked only where the manifests say `mode: now`."""
        delivery, ref = desired.document.delivery, desired.device.ref
        if delivery.mode is not DeliveryMode.NOW:
            return True
        dialect = self.dialect(ref.platform)
        if not isinstance(dialect, ChecksAccount):
            return True
        queued = replace(desired.document, delivery=replace(delivery, mode=DeliveryMode.QUEUE))
        config = self.fleet.platforms[ref.platform]
        problems = dialect.check_document(config, dialect.model_key(desired.device.identity), queued)
        return all(problem.is_warning for _, problem in problems)

    def read_path(self, platform: str, identity: Identity, text: str) -> str | Problem:
        """The canonical path of a resource of a device, written in numbers or in the names of its model."""
        dialect = self.dialect(platform)
        return dialect.read_path(
            self.fleet.models[self.fleet.platforms[platform].type], dialect.model_key(identity), text
        )

    def same_for(self, platform: str, identity: Identity) -> Callable[[str, Known, Known], bool]:
        """Equality of values on one device, as its model sees it."""
        dialect = self.dialect(platform)
        models = self.fleet.models[self.fleet.platforms[platform].type]
        key = dialect.model_key(identity)

        def same(path: str, left: Known, right: Known) -> bool:
            if is_secret(left) or is_secret(right):
                return self.vault.same(left, right)
            return dialect.same(models, key, path, left, right)

        return same

    def require_keys(self, platforms: Iterable[str]) -> None:
        """Raises: InputRejectedError naming every credential that is missing, before any call is made."""
        problems: list[Diagnostic] = []
        for name in sorted(set(platforms)):
            config = self.fleet.platforms[name]
            required = wiring.platforms()[config.type].credential_names(config)
            problems.extend(self._keys(name).problems(required))
        if problems:
            raise InputRejectedError(problems)

    def client(self, platform: str) -> Client:
        """The client of a platform, opened when first asked for. Raises: InputRejectedError without its keys."""
        if platform not in self._clients:
            self.require_keys([platform])
            from reconcile.apply.pace import Pace  # brings the event loop, which an offline plan never needs

            config = self.fleet.platforms[platform]
            pace = self.paces[platform] = Pace(config.requests_per_second, wiring.monotonic_s)
            left = self.store.reservation(platform)
            if left is not None:  # an earlier run on the account may have been told to wait
                ahead_s = (left.until - self.options.now()).total_seconds()
                pace.resume(ahead_s if ahead_s <= _LONGEST_PAUSE_S else 0.0, left.share)
            self._clients[platform] = wiring.open_client(
                config,
                credentials=self._keys(platform),
                secrets=self.vault,
                endpoint=self.options.endpoints.get(platform),
                pace=pace,
                throttled=lambda: self.throttling.heard(platform),
            )
        return self._clients[platform]

    def server_now(self, platform: str) -> datetime:
        """The clock of a platform as far as it is known; our own when nobody asked it yet."""
        client = self._clients.get(platform)
        return self.options.now() if client is None else client.server_now()

    async def close_clients(self) -> None:
        """Closes what was opened."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.close()

    def _keys(self, platform: str) -> NamedKeys:
        """The keys of a platform, read once however often they are asked for."""
        known = self._named_keys.get(platform)
        if known is None:
            config, options = self.fleet.platforms[platform], self.options
            names = wiring.platforms()[config.type].credential_names(config)
            known = NamedKeys(config, options.environ, options.manifests, now=options.now, names=names)
            self._named_keys[platform] = known
        return known


def _screened(
    options: Options, only: Foresight | Asked | None, config: StateConfig, under: Under | None
) -> ScreenedFleet:
    asked = only if isinstance(only, Asked) else None
    foresight = None if isinstance(only, Asked) else only
    opens = partial(wiring.open_store, options.state, config, options.manifests, create=False)
    is_file = config.backend == "sqlite" if options.state is None else options.state.startswith("sqlite:")
    return ScreenedFleet(opens, under, foresight, reading=options.reading, is_file=is_file, asked=asked)


def _base_of(options: Options, caches: Caches, *, asks: bool) -> tuple[PolicyBase | None, Amend | None]:
    """The base of `--policy-from`, and what it makes of the documents. Raises: BaseUnreadableError, GitError."""
    if options.policy_from is None:
        return None, None
    from reconcile.runs.policy_base import read_base  # brings git, which few runs ask

    listings = listings_of(options, Freshness.IF_KEPT)
    base = read_base(options.policy_from, options.manifests, options.now(), caches=caches, listings=listings)
    return base, partial(base.amend, asks=asks)


def check_endpoints(options: Options, fleet: Fleet) -> None:
    """Raises: InputRejectedError for an `--endpoint` of an unknown platform, or http:// beyond loopback."""
    problems = []
    for name, url in options.endpoints.items():
        if fleet.platforms and name not in fleet.platforms:
            known = ", ".join(sorted(fleet.platforms))
            detail = f"--endpoint {name}=…: the fleet has no platform {name}. Declared: {known}."
            problems.append(Diagnostic("RCL420", "unknown platform", detail))
        if not is_safe(url):
            detail = f"--endpoint {name}={url}: keys would travel in the clear. Use https://, or http:// on loopback."
            problems.append(Diagnostic("RCL421", "endpoint is not safe", detail))
    if problems:
        raise InputRejectedError([*fleet.diagnostics, *problems])
