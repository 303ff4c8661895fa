"""Attempts that only a person can settle: an instant Execute whose answer was lost, and who knows whether it ran."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reconcile.model.actions import ExecuteNow, QueueExecute
from reconcile.model.errors import StateError
from reconcile.model.journal import AttemptState, OpenAttempt
from reconcile.model.late import dataclass
from reconcile.model.plan_json import step_from_json
from reconcile.model.recorded import DeliveryState, RecordedDevice
from reconcile.model.values import JsonObject
from reconcile.ports import Commit
from reconcile.runs.recorded import Deed, journal_note
from reconcile.runs.session import Session


@dataclass(frozen=True, slots=True)
class ForOperator:
    """An attempt that waits for a person: what to call it, and the command it was to run."""

    attempt: OpenAttempt
    command: str

    @property
    def intent(self) -> str:
        """Its name in the journal."""
        return self.attempt.entry.intent


def for_operator(session: Session) -> Sequence[ForOperator]:
    """All of them, oldest first."""
    return [
        ForOperator(attempt, _command(attempt))
        for attempt in session.store.open_attempts()
        if attempt.entry.state is AttemptState.NEEDS_OPERATOR
    ]


def find_one(session: Session, intent: str) -> ForOperator:
    """The one whose intent begins so. Raises: StateError (RCL504)."""
    known = for_operator(session)
    found = [one for one in known if one.intent.startswith(intent)]
    if len(found) != 1:
        names = ", ".join(one.intent for one in known) or "none"
        raise StateError(
            f"{'several attempts begin' if found else 'no attempt that waits for a person begins'} with {intent}. "
            f"Those that wait: {names}.",
            code="RCL504",
        )
    return found[0]


def settle_by_hand(session: Session, one: ForOperator, deed: Deed, *, has_run: bool) -> None:
    """Closes the attempt as a person saw it; a command that did not run is due again."""
    entry = one.attempt.entry
    with session.store.lease(entry.lane, deed.owner, session.options.now()) as fence:
        find_one(session, entry.intent)  # nobody settled it while it was asked about
        said: JsonObject = journal_note(deed)
        state = AttemptState.ADOPTED if has_run else AttemptState.NOT_LANDED
        closed = replace(entry, state=state, at=session.options.now(), fence=fence, evidence=said)
        devices = [_after(record, one, has_run=has_run) for record in session.store.devices([entry.device])]
        session.store.commit(Commit(entries=[closed], devices=devices), fences={entry.lane: fence})


def _after(record: RecordedDevice, one: ForOperator, *, has_run: bool) -> RecordedDevice:
    """What a later run says of the command stays; without its digest the next plan looks at the device again."""
    action, run = step_from_json(one.attempt.step).action, record.runs.get(one.command)
    if run is None or not isinstance(action, ExecuteNow | QueueExecute) or run.key != action.run_key:
        return record
    delivery = DeliveryState.CONFIRMED if has_run else DeliveryState.CANCELLED
    settled = replace(run, delivery=delivery)
    return replace(record, runs={**record.runs, one.command: settled}, digest=record.digest if has_run else None)


def _command(attempt: OpenAttempt) -> str:
    action = step_from_json(attempt.step).action
    return action.command if isinstance(action, ExecuteNow | QueueExecute) else attempt.entry.operation
