"""An aborted rollout, let go on by a person: what failed so far is forgotten, and waves go on from what holds."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

from reconcile.model.errors import StateError
from reconcile.model.journal import AttemptState, JournalEntry, intent_id
from reconcile.model.recorded import RecordedDevice
from reconcile.model.rollout import RolloutMark
from reconcile.ports import Commit
from reconcile.runs.recorded import Deed, journal_note
from reconcile.runs.session import Session


def clear_abort(session: Session, profile: str, deed: Deed) -> int:
    """Forgets the abort of a profile's rollout, and the failures it was made for; returns how many devices those are.

    Raises: StateError (RCL504) when there is nothing to clear; LeaseHeld.
    """
    with ExitStack() as stack:
        now = session.options.now()
        fences = {
            name: stack.enter_context(session.store.lease(name, deed.owner, now))
            for name in sorted(session.fleet.platforms)
        }
        marked = _marked(session, profile)
        if not any(mark.is_aborted for _, mark in marked):
            raise StateError(
                f"profile {profile} has no rollout that was aborted: `reconcile plan` shows where rollouts stand.",
                code="RCL504",
            )
        devices = [_cleared(record, mark) for record, mark in marked if _is_blamed(mark)]
        platforms = sorted({record.ref.platform for record in devices if record.ref.platform in fences})
        plan = f"state_rollout {profile} at {now.isoformat()}"
        entries = [
            JournalEntry(
                intent=intent_id(plan, name), plan=plan, step=name, lane=name, fence=fences[name],
                device=next(record.ref for record in devices if record.ref.platform == name),
                operation="state_rollout", target=profile, attempt=1, state=AttemptState.DONE, at=now,
                evidence=journal_note(deed),
            )
            for name in platforms
        ]  # fmt: skip
        session.store.commit(Commit(entries=entries, devices=devices), fences=fences)
    return len(devices)


def _marked(session: Session, profile: str) -> list[tuple[RecordedDevice, RolloutMark]]:
    refs = [head.ref for head in session.store.heads()]
    records = session.store.devices(refs)
    return [(one, one.rollout) for one in records if one.rollout is not None and one.rollout.profile == profile]


def _is_blamed(mark: RolloutMark) -> bool:
    return mark.has_failed or mark.is_aborted


def _cleared(record: RecordedDevice, mark: RolloutMark) -> RecordedDevice:
    """Without its part in the rollout where it does not hold what was sent: it is to be sent again, in its turn."""
    holds = record.digest == mark.document and not record.is_waiting
    return replace(record, rollout=replace(mark, has_failed=False, is_aborted=False) if holds else None)
