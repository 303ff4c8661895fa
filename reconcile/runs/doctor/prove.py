"""The proof run: one settled device under the leases of an apply; everything is withdrawn or put back at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from dataclasses import field

from reconcile.model.desired import Ownership
from reconcile.model.device import DeviceRef
from reconcile.model.errors import CallFailed, ReconcileError
from reconcile.model.examination import Bearing, Capability, Subject
from reconcile.model.fleet import DesiredDevice
from reconcile.model.late import dataclass
from reconcile.model.observed import Look
from reconcile.model.recorded import DeliveryState, RecordedDevice
from reconcile.model.values import ABSENT, UNKNOWN, is_secret
from reconcile.ports import Examinable, Examiner
from reconcile.runs import wiring
from reconcile.runs.doctor.bench import Ground, JournaledBench
from reconcile.runs.doctor.examine import keys_of, settings_of
from reconcile.runs.explain import find_device
from reconcile.runs.lanes import Fences, leases, settle_open
from reconcile.runs.session import Session

_SETTLED = (DeliveryState.ACCEPTED, DeliveryState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class ProofRequest:
    """What to prove on which device, and how. `confirm` is told the subject and asked; `show` sees each answer."""

    device: str
    confirm: Callable[[Subject], bool]
    show: Callable[[Capability], None]
    stop: asyncio.Event
    owner: str
    wait_s: float = 20.0
    may_fill_queue: bool = False
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(slots=True)
class Proof:
    """How a proof ended. `is_whole`: everything is as it was before; `trouble`: why it ended early."""

    subject: Subject | None = None
    answers: list[Capability] = field(default_factory=list)
    is_declined: bool = False
    is_whole: bool = True
    is_interrupted: bool = False
    is_in_doubt: bool = False
    still_open: int = 0
    trouble: str = ""

    @property
    def exit_code(self) -> int:
        """0 proved and nothing dangerous found, 1 otherwise, 5 when a request is in doubt."""
        if self.still_open or self.is_in_doubt:
            return 5
        is_dangerous = any(answer.mark == "problem" for answer in self.answers)
        return 1 if self.is_declined or self.is_interrupted or self.trouble or is_dangerous or not self.is_whole else 0


async def prove(session: Session, request: ProofRequest) -> Proof:
    """Proves. Raises: InputRejectedError, StateError, LeaseHeld, ReconcileError (RCL45x); then nothing was sent."""
    desired = find_device(session, request.device)
    ref = desired.device.ref
    examiner = _examiner(session, ref)
    with leases(session, request.owner) as fences:
        still_open = await settle_open(session, fences, lambda _event: None, request.stop)
        if still_open:
            return Proof(still_open=still_open)
        record = _fit_record(session, desired)
        subject = await _subject(session, request, desired, record, examiner)
        if not request.confirm(subject):
            return Proof(subject, is_declined=True)
        return await _prove(session, request, fences, record, subject)


async def _prove(
    session: Session, request: ProofRequest, fences: Fences, record: RecordedDevice, subject: Subject
) -> Proof:
    now = session.options.now
    occasion = f"doctor {subject.ref} {now().isoformat()}"
    ground = Ground(session.store, fences.by_lane, occasion, now, request.stop, request.sleep)
    bench = JournaledBench(ground, record)
    proof = Proof(subject)
    platform = subject.ref.platform
    session.client(platform)  # opens the account's pace, which the proof shares
    config = session.fleet.platforms[platform]
    keys = keys_of(config, wiring.platforms()[config.type], session.options)
    settings = settings_of(config, session.options, session.vault, session.paces[platform], keys)
    try:
        async with aclosing(_examiner(session, subject.ref).prove(settings, subject, bench)) as answers:
            async for answer in answers:
                proof.answers.append(answer)
                request.show(answer)
    except CallFailed as exc:
        proof.trouble = f"{exc.code}: {exc}"
    finally:
        proof.is_whole = await bench.finish()
        proof.is_in_doubt = bench.is_in_doubt
        proof.is_interrupted = request.stop.is_set()
    return proof


def _examiner(session: Session, ref: DeviceRef) -> Examiner:
    config = session.fleet.platforms[ref.platform]
    platform = wiring.platforms()[config.type]
    if not isinstance(platform, Examinable):
        raise ReconcileError(f"platform type {config.type} offers nothing to prove.", code="RCL450")
    return platform.examiner(config, session.options.endpoints.get(ref.platform))


def _fit_record(session: Session, desired: DesiredDevice) -> RecordedDevice:
    """The device as recorded, settled and quiet. Raises: ReconcileError."""
    ref = desired.device.ref
    record = next(iter(session.store.devices([ref])), None)
    if record is None or record.identity != desired.device.identity:
        raise ReconcileError(
            f"nothing is recorded of {ref}, so its values are not known to be safe to write again. "
            f"Run `reconcile apply --device {ref}` first.",
            code="RCL451",
        )
    if record.is_waiting:
        raise ReconcileError(
            f"deliveries to {ref} are still open; a proof would get between them. "
            "Wait with `reconcile status --wait 2h`, or name another device.",
            code="RCL452",
        )
    return record


async def _subject(
    session: Session, request: ProofRequest, desired: DesiredDevice, record: RecordedDevice, examiner: Examiner
) -> Subject:
    """The safest resource with one value in manifests, record and cloud. Raises: ReconcileError when there is none."""
    ref, identity = desired.device.ref, desired.device.identity
    settled = await _as_in_the_cloud(session, desired, list(_settled(session, desired, record)))
    best = examiner.safest(settled)
    if not best:
        raise ReconcileError(
            f"{ref} has no resource that a proof may write: none is enforced, delivered, not a secret, and the same "
            "in the manifests, in the recorded state and in the cloud. Apply and let it be delivered, or name another "
            "device.",
            code="RCL453",
        )
    models = session.fleet.models[session.fleet.platforms[ref.platform].type]
    key = session.dialect(ref.platform).model_key(identity)
    declared = {resource.path for resource in desired.document.resources} | set(record.resources)
    return Subject(
        ref=ref,
        identity=identity,
        bearing=best[0],
        others=[each for each in settled if each != best[0]],
        unset_path=examiner.unset_path(models, key, declared),
        wait_s=request.wait_s,
        may_fill_queue=request.may_fill_queue,
    )


def _settled(session: Session, desired: DesiredDevice, record: RecordedDevice) -> Iterator[Bearing]:
    same = session.same_for(desired.device.ref.platform, desired.device.identity)
    for resource in desired.document.resources:
        known = record.resources.get(resource.path)
        if known is None or resource.ownership is not Ownership.ENFORCE or known.is_leaving:
            continue
        if is_secret(resource.value) or is_secret(known.value) or known.delivery not in _SETTLED:
            continue
        if known.value is not None and same(resource.path, resource.value, known.value):
            yield Bearing(resource.path, known.value, known.value_type, known.version)


async def _as_in_the_cloud(session: Session, desired: DesiredDevice, settled: list[Bearing]) -> list[Bearing]:
    """Where the cloud keeps a copy: those whose value and version are the recorded ones. Raises: ReconcileError."""
    ref, identity = desired.device.ref, desired.device.identity
    if not settled or not session.capabilities(ref.platform, identity).has_cloud_copy:
        return settled
    look = Look(paths=tuple(each.path for each in settled), wants_cloud=True)
    seen = await session.client(ref.platform).observe(ref, identity, look)
    if seen.problem is not None:
        raise ReconcileError(f"{ref} cannot be read: {seen.problem}", code="RCL404")
    same = session.same_for(ref.platform, identity)
    kept = []
    for each in settled:
        found = seen.resources.get(each.path)
        if found is None or found.cloud in (ABSENT, UNKNOWN) or found.version != each.version:
            continue
        if same(each.path, each.value, found.cloud):
            kept.append(each)
    return kept
