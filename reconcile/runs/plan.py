"""The plan run: load, recall, screen, observe, plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from reconcile import __version__
from reconcile.apply.follow import follow
from reconcile.manifest.layer_codes import NO_LISTING
from reconcile.manifest.refresh_rule import RefreshRule
from reconcile.model.device import DeviceRef
from reconcile.model.diagnostic import Severity
from reconcile.model.epoch import is_over, noticed
from reconcile.model.fleet import DesiredDevice
from reconcile.model.late import dataclass
from reconcile.model.observed import ObservedDevice
from reconcile.model.plan import Base
from reconcile.model.recorded import RecordedDevice, RecordedHead
from reconcile.planner.build import Inputs, build
from reconcile.planner.screen import Screened, screen
from reconcile.planner.situation import Situation
from reconcile.planner.uncompared import uncompared
from reconcile.runs.kinds import Kinds
from reconcile.runs.look import farewells, targets_of
from reconcile.runs.names import in_scope, named
from reconcile.runs.noted_models import noted_models
from reconcile.runs.policy_check import checked
from reconcile.runs.refresh import Looked, Portion, coverage_of, look_within, portion_of
from reconcile.runs.request import Planned, Refresh, Request, Scope
from reconcile.runs.rollout import followers, proofs, rollouts_of
from reconcile.runs.session import InputRejectedError, Session
from reconcile.runs.spared import with_doubtful

_FEW = 100
"""So many heads are asked for one by one; of more devices all are streamed."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """What is known before anybody is asked: devices in scope, those to examine, records, and what to look at."""

    devices: Sequence[DesiredDevice]
    screened: Screened
    examined: Sequence[DesiredDevice]
    gone: Sequence[RecordedDevice]
    recorded: Mapping[DeviceRef, RecordedDevice]
    portion: Portion
    swapped: Sequence[DeviceRef] = ()
    followers: Sequence[DesiredDevice] = ()


def recall(session: Session, request: Request) -> Recalled:
    """Screens the fleet against recorded state. Raises: InputRejectedError, StateError.

    A session that goes on without a listing of a cloud must not plan: it would let go of every device of it.
    """
    lacking = [replace(d, severity=Severity.ERROR) for d in session.fleet.diagnostics if d.code == NO_LISTING.code]
    if lacking:
        raise InputRejectedError(lacking)
    devices = _scoped(session.devices(), request.scope)
    screened = _screen(session, devices, request)
    examined = screened.to_examine()
    doubtful = session.fleet.doubtful
    gone = [ref for ref in screened.gone if ref not in doubtful] if request.scope.is_whole else []
    refs = [*(device.device.ref for device in examined), *gone]
    recorded = {record.ref: record for record in session.store.devices(refs)}
    swapped = {d.device.ref for d in examined if _is_swapped_in_use(d, recorded.get(d.device.ref))}
    present = [device for device in examined if device.device.ref not in swapped]
    leaving = [recorded[ref] for ref in (*gone, *sorted(swapped)) if ref in recorded]
    targets = targets_of(session, present, recorded, request.refresh)
    following = followers(session, present)
    recorded |= {record.ref: record for record in session.store.devices([one.device.ref for one in following])}
    if request.refresh is not Refresh.NONE:
        targets += [*farewells(session, leaving), *proofs(session, following, recorded, request.refresh)]
    portion = portion_of(session, _rule(session, request), screened.resting, recorded, targets)
    return Recalled(devices, screened, present, leaving, recorded, portion, sorted(swapped), following)


def _rule(session: Session, request: Request) -> RefreshRule:
    """The limits of a full refresh; any other looks at what it must."""
    return request.limits.over(session.fleet.refresh) if request.refresh is Refresh.ALL else RefreshRule()


def _is_swapped_in_use(desired: DesiredDevice, record: RecordedDevice | None) -> bool:
    """Another device bears the name now, or the record ends, and commands of ours still wait for the one before."""
    return record is not None and is_over(record, desired.device.identity) and record.is_waiting


def conclude(session: Session, request: Request, known: Recalled, looked: Looked) -> Planned:
    """The plan from what was recalled and seen."""
    observed, is_full, kinds = looked.observed, request.refresh is Refresh.ALL, Kinds(session)
    situations = [
        _situation(kinds, device, known.recorded, observed.get(device.device.ref), request) for device in known.examined
    ]
    plan = build(
        Inputs(
            situations=situations,
            dialects={name: session.dialect(name) for name in session.fleet.platforms},
            rates={name: config.requests_per_second for name, config in session.fleet.platforms.items()},
            base=_base(session, request),
            created=session.options.now(),
            settled=known.screened.settled,
            managed=known.screened.managed,
            managed_in=known.screened.managed_in,
            gone=[_after_look(session, record, observed.get(record.ref)) for record in known.gone],
            swapped=known.swapped,
            holds=session.fleet.holds,
            safety=session.fleet.safety,
            diagnostics=session.fleet.diagnostics,
            rollouts=replace(
                rollouts_of(session, [*known.examined, *known.followers], known.recorded, observed),
                situate=lambda desired: _follower(kinds, desired, known.recorded, observed, request),
            ),
        )
    )
    plan = checked(session, plan, known.devices, known.recorded, sends=request.sends)
    if is_full:
        plan = replace(plan, coverage=coverage_of(session, known.portion, known.examined, known.recorded, looked))
    return Planned(
        with_doubtful(session, named(session, plan, known.examined)),
        known.recorded,
        observed,
        uncompared=[notice for one in situations for notice in uncompared(one)] if is_full else (),
        keeps_looks=_rule(session, request).is_limited,
    )


def _follower(
    kinds: Kinds,
    desired: DesiredDevice,
    recorded: Mapping[DeviceRef, RecordedDevice],
    observed: Mapping[DeviceRef, ObservedDevice],
    request: Request,
) -> Situation | None:
    """The situation of a device that is settled as recorded; None where the scope leaves it out, or nobody looked."""
    seen, has_device = observed.get(desired.device.ref), request.scope.has_device
    if seen is None or seen.problem is not None or (has_device is not None and not has_device(desired)):
        return None
    return _situation(kinds, desired, recorded, seen, request)


def _after_look(session: Session, record: RecordedDevice, observed: ObservedDevice | None) -> RecordedDevice:
    if observed is None or record.ref.platform not in session.fleet.platforms:
        return record
    return follow(record, observed, session.same_for(record.ref.platform, record.identity), session.options.now())


async def make_plan(session: Session, request: Request) -> Planned:
    """Plans inside an event loop; changes nothing. Raises: InputRejectedError, StateError."""
    known = recall(session, request)
    return conclude(session, request, known, await look_within(session, known.portion, request.progress))


def plan_now(session: Session, request: Request) -> Planned:
    """Plans; starts an event loop only when somebody must be asked. Closes its clients. Raises: as `make_plan`."""
    known = recall(session, request)
    if known.portion.is_empty:
        return conclude(session, request, known, Looked({}))
    import asyncio

    async def ask() -> Planned:
        try:
            return conclude(session, request, known, await look_within(session, known.portion, request.progress))
        finally:
            await session.close_clients()

    return asyncio.run(ask())


def _scoped(devices: Sequence[DesiredDevice], scope: Scope) -> Sequence[DesiredDevice]:
    return devices if scope.has_device is None else [device for device in devices if scope.has_device(device)]


def _screen(session: Session, devices: Sequence[DesiredDevice], request: Request) -> Screened:
    if request.scope.has_device is not None and len(devices) <= _FEW:
        heads: Iterable[RecordedHead] = chain.from_iterable(_head(session, device.device.ref) for device in devices)
    elif request.scope.has_device is not None or session.fleet.heads is None:
        heads = session.store.heads()
    else:
        heads = iter(session.fleet.heads)
    if request.scope.has_device is not None:
        wanted = {device.device.ref for device in devices}
        heads = (head for head in heads if head.ref in wanted)
    groups = [limits.covers for limits in session.fleet.safety.profiles]
    found = screen(devices, heads, keeps_settled=request.refresh is Refresh.ALL, groups=groups)
    left_out = session.fleet.left_out if request.scope.has_device is None else 0
    return replace(found, settled=found.settled + left_out, managed=found.managed + left_out)


def _head(session: Session, ref: DeviceRef) -> list[RecordedHead]:
    rows = session.store.head_rows((ref.platform, ref.name), (ref.platform, ref.name + "\0"))
    return [RecordedHead(ref, identity, digest, bool(waiting)) for _, _, identity, digest, waiting in rows]


def _situation(
    kinds: Kinds,
    desired: DesiredDevice,
    recorded: Mapping[DeviceRef, RecordedDevice],
    observed: ObservedDevice | None,
    request: Request,
) -> Situation:
    ref, identity, session = desired.device.ref, desired.device.identity, kinds.session
    capabilities, same, may_queue = kinds.of(desired)
    record = recorded.get(ref)
    is_swapped = record is not None and is_over(record, identity)
    stored = None
    if record is not None and observed is not None and not is_swapped:
        known, record = record, noticed(record, observed.registered, session.options.now())
        stored = None if record.reset_at == known.reset_at else known.fingerprint()
    return Situation(
        device=desired.device,
        document=desired.document,
        recorded=None if is_swapped else record,
        observed=observed,
        capabilities=capabilities,
        same=same,
        server_now=session.server_now(ref.platform),
        is_swapped=is_swapped,
        in_scope=in_scope(session, desired.device, request.scope.has_resource),
        retries_lost=request.retries_lost,
        may_queue=may_queue,
        stored=stored,
        flaps=session.fleet.flaps,
    )


def _base(session: Session, request: Request) -> Base:
    return Base(
        manifests=session.fleet.digest,
        commit=session.source.commit(),
        lineage=session.store.lineage,
        serial=session.store.serial(),
        refresh=request.refresh.value,
        listings=tuple(session.fleet.listings),
        models=noted_models(session.fleet),
        tool=__version__,
    )
