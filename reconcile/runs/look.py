"""Looks at just those devices that a plan has to look at, many at a time, at the pace of each account."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace

from reconcile.model.desired import DesiredDocument, Ownership
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.epoch import is_over
from reconcile.model.fleet import DesiredDevice
from reconcile.model.late import dataclass
from reconcile.model.observed import Look, ObservedDevice
from reconcile.model.recorded import DeliveryState, RecordedDevice
from reconcile.model.values import is_secret
from reconcile.planner.order import needs_report
from reconcile.planner.overwritten import overwrites
from reconcile.planner.queue_room import may_crowd
from reconcile.planner.reach import wants_uplink
from reconcile.ports import Dialect, LooksAhead
from reconcile.runs.request import Refresh
from reconcile.runs.secret_values import digest_of
from reconcile.runs.session import Session

_WIDTH = 64


@dataclass(frozen=True, slots=True)
class Target:
    """One device to look at. Values of `secrets` are turned into fingerprints as soon as they are seen."""

    ref: DeviceRef
    identity: Identity
    look: Look
    secrets: Mapping[str, frozenset[str]] = field(default_factory=dict)


async def look_at(
    session: Session, targets: Iterable[Target], progress: Callable[[int, int], None]
) -> dict[DeviceRef, ObservedDevice]:
    """What was seen, by device. A device that cannot be read has a `problem`; nothing is raised for it."""
    from reconcile.apply.side_by_side import side_by_side  # brings the event loop

    wanted = list(targets)
    session.require_keys(target.ref.platform for target in wanted)
    seen: dict[DeviceRef, ObservedDevice] = {}
    queue = iter(wanted)

    async def worker() -> None:
        for target in queue:
            client = session.client(target.ref.platform)
            observed = await client.observe(target.ref, target.identity, target.look)
            seen[target.ref] = session.vault.mask(observed, target.secrets)
            progress(len(seen), len(wanted))

    await side_by_side(*(_look_ahead(session, platform, wanted) for platform in {t.ref.platform for t in wanted}))
    await side_by_side(*(worker() for _ in range(min(_WIDTH, len(wanted)))))
    return seen


async def _look_ahead(session: Session, platform: str, targets: Iterable[Target]) -> None:
    client = session.client(platform)
    if isinstance(client, LooksAhead):
        await client.look_ahead([(t.identity, t.look) for t in targets if t.ref.platform == platform])


def targets_of(
    session: Session, devices: Iterable[DesiredDevice], recorded: Mapping[DeviceRef, RecordedDevice], refresh: Refresh
) -> list[Target]:
    """What to look at on each device, as its dialect says."""
    if refresh is Refresh.NONE:
        return []
    crowds = _Crowds()
    found = [_target(session, device, recorded.get(device.device.ref), refresh, crowds) for device in devices]
    return [target for target in found if target.look != Look()]


def farewells(session: Session, leaving: Iterable[RecordedDevice]) -> list[Target]:
    """What to look at on devices that leave: only what of ours still waits for them, on accounts we still have."""
    return [
        Target(record.ref, record.identity, Look(wants_queue=True, uuids=tuple(open_uuids(record))))
        for record in leaving
        if record.is_waiting and record.ref.platform in session.fleet.platforms
    ]


@dataclass(frozen=True, slots=True)
class _Crowds:
    """Which documents may fill the queue of a device that was never written to: devices share documents."""

    known: dict[int, bool] = field(default_factory=dict)

    def expects(self, dialect: Dialect, document: DesiredDocument, record: RecordedDevice | None, limit: int) -> bool:
        """As `may_crowd`, worked out once for a document. Documents outlive this, so each has an id of its own."""
        if record is not None:
            return may_crowd(dialect, document, record, limit)
        if id(document) not in self.known:
            self.known[id(document)] = may_crowd(dialect, document, None, limit)
        return self.known[id(document)]


def _target(
    session: Session, desired: DesiredDevice, record: RecordedDevice | None, refresh: Refresh, crowds: _Crowds
) -> Target:
    device, document = desired.device, desired.document
    if record is not None and is_over(record, device.identity):
        record = None
    managed = {r.path for r in document.resources if r.ownership is not Ownership.IGNORE}
    paths = sorted(managed | (set(record.resources) if record else set()))
    dialect = session.dialect(device.ref.platform)
    capabilities = dialect.capabilities(dialect.model_key(device.identity))
    look = dialect.needs_look(
        paths,
        is_refresh_all=refresh is Refresh.ALL,
        wants_uplink=capabilities.has_queue and wants_uplink(document, record),
        uuids=open_uuids(record),
    )
    if capabilities.has_cloud_copy and not look.wants_reported:
        wants_reported = needs_report(document, record) or overwrites(document, record) or _may_be_taken_back(record)
        look = replace(look, wants_reported=wants_reported)
    limit = capabilities.queue_limit
    if limit is not None and not look.wants_queue and crowds.expects(dialect, document, record, limit):
        look = replace(look, wants_queue=True)
    return Target(device.ref, device.identity, look, secrets_of(document, record))


def _may_be_taken_back(record: RecordedDevice | None) -> bool:
    """Whether an abort of its rollout would take back a value, unless the device reported it."""
    if record is None or record.rollout is None:
        return False
    return any(resource.delivery is DeliveryState.ACCEPTED for resource in record.resources.values())


def secrets_of(document: DesiredDocument | None, record: RecordedDevice | None) -> Mapping[str, frozenset[str]]:
    """Resources whose values are secrets, as declared or as recorded, with the fingerprints they are known by."""
    values = [(r.path, r.value) for r in document.resources] if document else []
    values += [(r.path, r.value) for r in record.resources.values()] if record else []
    found: dict[str, frozenset[str]] = {}
    for path, value in values:
        if is_secret(value):
            digest = digest_of(value)
            found[path] = found.get(path, frozenset()) | ({digest} if digest else frozenset())
    return found


def open_uuids(record: RecordedDevice | None) -> list[str]:
    """Cached commands of ours that may still be delivered, each once."""
    if record is None:
        return []
    resources = {r.command_uuid for r in record.resources.values() if r.delivery.is_open}
    runs = {r.command_uuid for r in record.runs.values() if r.delivery.is_open}
    return sorted(uuid for uuid in resources | runs if uuid)
