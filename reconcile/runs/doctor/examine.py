"""The doctor run: the fleet first, then every account beside the others; reads only, a few calls each."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from reconcile.apply.pace import Pace
from reconcile.manifest.document import Fleet
from reconcile.model.device import Identity
from reconcile.model.diagnostic import has_errors
from reconcile.model.errors import ReconcileError, StateError
from reconcile.model.examination import Examined, Finding, Mark, Probed, SentCommand
from reconcile.model.late import dataclass
from reconcile.ports import ClientSettings, ComparesModels, Examinable, Platform, PlatformConfig, StateStore
from reconcile.runs import wiring
from reconcile.runs.caches import Caches
from reconcile.runs.doctor import costs, credentials, endpoints, fleet_health
from reconcile.runs.doctor.listed import look_at_listings
from reconcile.runs.keys import NamedKeys
from reconcile.runs.listing_ask import listings_of
from reconcile.runs.listings import Freshness
from reconcile.runs.load import load
from reconcile.runs.secret_values import Vault
from reconcile.runs.session import Options, check_endpoints
from reconcile.runs.source import FolderSource

NEAR_S = 5.0
"""Clocks that differ by less are one clock; Date headers have whole seconds."""


@dataclass(frozen=True, slots=True)
class Patient:
    """One account with what examining it needs. `sent` is a queued command that recorded state remembers."""

    account: costs.Account
    platform: Platform
    options: Options
    sent: SentCommand | None = None

    @property
    def config(self) -> PlatformConfig:
        """Its entry of `platforms:`."""
        return self.account.config


async def examine(options: Options) -> list[Examined]:
    """The fleet and every platform of it, in order. Raises: InputRejectedError for an `--endpoint` of no use."""
    caches = Caches.beside(options.manifests, options.environ)
    listings = listings_of(options, Freshness.IF_KEPT)  # what a cloud lists may be tried before anything is kept
    fleet = load(FolderSource(options.manifests), now=options.now(), listings=listings, caches=caches)
    check_endpoints(options, fleet)
    about_fleet, sent = _fleet(options, fleet)
    if has_errors(fleet.diagnostics):
        return [Examined("", findings=about_fleet)]
    known = wiring.platforms()
    patients = []
    others = []
    for name, config in sorted(fleet.platforms.items()):
        platform = known[config.type]
        if isinstance(platform, Examinable):
            examiner = platform.examiner(config, options.endpoints.get(name))
            account = costs.Account(config, fleet, platform.dialect, examiner)
            patients.append(Patient(account, platform, options, sent.get(name)))
        else:
            named, required = keys_of(config, platform, options), platform.credential_names(config)
            keys = credentials.look_at_keys(config, named, required, options.manifests)
            silent = Finding("answer", Mark.SKIPPED, "answer.no_examiner", {"type": config.type})
            others.append(Examined(name, config.type, [*keys, silent]))
    examined = await asyncio.gather(*(_account(each) for each in patients))
    return [Examined("", findings=about_fleet), *sorted([*examined, *others], key=lambda each: each.name)]


def settings_of(config: PlatformConfig, options: Options, vault: Vault, pace: Pace, keys: NamedKeys) -> ClientSettings:
    """What the examiner's connections are made from: the account's keys and its pace, as for a client."""
    return ClientSettings(
        config=config,
        credentials=keys,
        secrets=vault,
        endpoint=options.endpoints.get(config.name),
        pace=pace,
        now=options.now,
        nonce=lambda: uuid.uuid4().hex,
    )


def keys_of(config: PlatformConfig, platform: Platform, options: Options) -> NamedKeys:
    """The keys of an account, as the manifest names them."""
    names = platform.credential_names(config)
    return NamedKeys(config, options.environ, options.manifests, now=options.now, names=names)


def _fleet(options: Options, fleet: Fleet) -> tuple[list[Finding], Mapping[str, SentCommand]]:
    found = fleet_health.look_at_manifests(fleet)
    try:
        store = wiring.open_store(options.state, fleet.state, options.manifests, create=False)
    except StateError as exc:
        return [*found, *fleet_health.unreadable(exc)], {}
    try:
        found += fleet_health.look_at_state(store, sorted(fleet.platforms), options.now())
        return found, _sent(store, fleet)
    except StateError as exc:
        return [*found, *fleet_health.unreadable(exc)], {}
    finally:
        store.close()


def _sent(store: StateStore, fleet: Fleet) -> Mapping[str, SentCommand]:
    found = {name: fleet_health.last_sent(store, name) for name in fleet.platforms}
    return {name: sent for name, sent in found.items() if sent is not None}


async def _account(patient: Patient) -> Examined:
    config, options, examiner = patient.config, patient.options, patient.account.examiner
    named = keys_of(config, patient.platform, options)
    keys = credentials.look_at_keys(config, named, patient.platform.credential_names(config), options.manifests)
    reached = [await endpoints.reach(origin, options.now()) for origin in examiner.origins()]
    probed = await _probe(patient, named, keys, reached)
    findings = [
        *keys,
        *reached,
        *probed.findings,
        *_clock(probed.ahead_s),
        *costs.look_at_quota(patient.account),
        *costs.look_at_models(patient.account),
    ]
    return Examined(config.name, config.type, findings, examiner.calls())


async def _probe(patient: Patient, named: NamedKeys, keys: list[Finding], reached: list[Finding]) -> Probed:
    if not credentials.is_complete(keys):
        return Probed([Finding("signature", Mark.SKIPPED, "signature.no_keys")])
    if any(finding.mark is Mark.PROBLEM for finding in reached):
        return Probed([Finding("signature", Mark.SKIPPED, "signature.not_reached")])
    pace = Pace(patient.config.requests_per_second, wiring.monotonic_s)
    settings = settings_of(patient.config, patient.options, Vault(patient.options.environ, b""), pace, named)
    try:
        return await _ask(patient, settings)
    except ReconcileError as exc:
        return Probed([Finding("credentials", Mark.PROBLEM, "credentials.malformed", {"why": str(exc)})])


async def _ask(patient: Patient, settings: ClientSettings) -> Probed:
    """All that needs keys. Where nothing else names a device, the first one that is listed is the sample."""
    account = patient.account
    asks = [each for each in account.fleet.asks if each.platform == patient.config.name]
    listed = await look_at_listings(patient.platform, settings, asks)
    samples = _samples(account) or list(listed.samples[:1])
    probed = await account.examiner.probe(settings, samples, patient.sent)
    compared: Sequence[Finding] = ()
    is_signed = any(each.topic == "signature" and each.mark is Mark.OK for each in probed.findings)
    if is_signed and isinstance(account.examiner, ComparesModels):
        known = [each.device.identity for each in account.devices()] or listed.samples
        keys = Counter(map(account.dialect.model_key, known))
        models = account.fleet.models[patient.config.type]
        compared = await account.examiner.compare_models(settings, models, [key for key, _ in keys.most_common()])
    return replace(probed, findings=[*probed.findings, *listed.findings, *compared])


def _samples(account: costs.Account) -> list[Identity]:
    """One declared device of each form of identity."""
    found: dict[tuple[str, ...], Identity] = {}
    for each in account.devices():
        found.setdefault(tuple(name for name, _ in each.device.identity.fields), each.device.identity)
    return list(found.values())


def _clock(ahead_s: float | None) -> list[Finding]:
    if ahead_s is None:
        return [Finding("clock", Mark.SKIPPED, "clock.unknown")]
    if abs(ahead_s) < NEAR_S:
        return [Finding("clock", Mark.OK, "clock.near")]
    return [Finding("clock", Mark.WARNING, "clock.off", {"seconds": f"{ahead_s:+.0f}"})]
