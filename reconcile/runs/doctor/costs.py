"""What a fleet costs on its account: calls of a full refresh, requests of the largest class, models it lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reconcile.manifest.document import Fleet
from reconcile.model.actions import Write
from reconcile.model.desired import DeliveryMode, DesiredDocument, Ownership
from reconcile.model.examination import Facts, Finding, Mark
from reconcile.model.fleet import DesiredDevice
from reconcile.model.late import dataclass
from reconcile.model.observed import Look
from reconcile.model.values import is_secret
from reconcile.ports import Dialect, Examiner, PlatformConfig, SharesPresence

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Account:
    """One platform of a fleet with its share of the devices."""

    config: PlatformConfig
    fleet: Fleet
    dialect: Dialect
    examiner: Examiner

    def devices(self) -> Sequence[DesiredDevice]:
        """Those on this platform."""
        return [each for each in self.fleet.devices if each.device.ref.platform == self.config.name]


def look_at_quota(account: Account) -> list[Finding]:
    """The configured pace against the documented limit, and what it means in seconds."""
    rate, limit = account.config.requests_per_second, account.examiner.limit()
    values: Facts = {"rate": f"{rate:g}", "limit": f"{limit.per_second:g}", "source": limit.source}
    found = [Finding("quota", Mark.OK, "quota.within", values)]
    if rate > limit.per_second:
        found = [Finding("quota", Mark.WARNING, "quota.above", values)]
    devices = account.devices()
    if not devices:
        return found
    calls = _calls_to_look(account, devices)
    seconds = _seconds(calls / rate)
    found.append(
        Finding("quota", Mark.OK, "quota.refresh", {"devices": len(devices), "calls": calls, "seconds": seconds})
    )
    by_document = Counter(id(each.document) for each in devices)
    costs = {id(each.document): _requests(account.dialect, each.document) for each in devices}
    largest = max(by_document, key=lambda key: (by_document[key] * costs[key], by_document[key]))
    requests = by_document[largest] * costs[largest]
    members: Facts = {"devices": by_document[largest], "requests": requests, "seconds": _seconds(requests / rate)}
    return [*found, Finding("quota", Mark.OK, "quota.largest_class", members)]


def look_at_models(account: Account) -> list[Finding]:
    """How many declared resources a device model checks, and what has none."""
    devices = account.devices()
    models = account.fleet.models[account.config.type]
    total, lacking = 0, Counter[str]()
    # Devices of one model key and one document are alike, and there may be a million of them.
    alike = Counter((account.dialect.model_key(each.device.identity), id(each.document)) for each in devices)
    documents = {id(each.document): each.document for each in devices}
    for (key, document), count in alike.items():
        for resource in documents[document].resources:
            total += count
            missing = account.examiner.lacks_model(models, key, resource.path)
            if missing is not None:
                lacking[missing] += count
    if not total:
        return [Finding("models", Mark.SKIPPED, "models.nothing")]
    known = total - lacking.total()
    if not lacking:
        return [Finding("models", Mark.OK, "models.whole", {"n": total})]
    names = [name for name, _ in sorted(lacking.items(), key=lambda item: (-item[1], item[0]))]
    shown = ", ".join(names[:_NAMED]) + (f" (+{len(names) - _NAMED})" if len(names) > _NAMED else "")
    return [Finding("models", Mark.WARNING, "models.partly", {"known": known, "n": total, "lacking": shown})]


def _calls_to_look(account: Account, devices: Sequence[DesiredDevice]) -> int:
    """All looks, and the calls that tell the presence of many devices at once."""
    calls, products = 0, Counter[str]()
    for each in devices:  # there may be a million of them: no list of looks
        look = _look(account, each)
        calls += account.examiner.requests_to_look(look)
        if look.wants_uplink:
            products[account.dialect.model_key(each.device.identity)] += 1
    if isinstance(account.examiner, SharesPresence):
        calls += sum(-(-count // account.examiner.devices_a_presence) for count in products.values())
    return calls


def _look(account: Account, desired: DesiredDevice) -> Look:
    """As the plan run asks, with `--refresh all` and nothing open."""
    paths = [each.path for each in desired.document.resources if each.ownership is not Ownership.IGNORE]
    has_queue = account.dialect.capabilities(account.dialect.model_key(desired.device.identity)).has_queue
    wants_uplink = has_queue and desired.document.delivery.mode is DeliveryMode.AUTO
    return account.dialect.needs_look(sorted(paths), is_refresh_all=True, wants_uplink=wants_uplink, uuids=())


def _requests(dialect: Dialect, document: DesiredDocument) -> int:
    """Writes of everything that is enforced or seeded, and one request for each command."""
    owned = (Ownership.ENFORCE, Ownership.SEED)
    writes = [
        Write(each.path, "" if is_secret(each.value) else each.value, each.value_type)
        for each in document.resources
        if each.ownership in owned
    ]
    return len(dialect.write_actions(writes, {}, document.delivery, is_now=False)) + len(document.commands)


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f}"
