"""Commands that left for the device already: awaited, then corrected, never flushed.

Premise: a platform withdraws a command that waits, and no other (OneNET NB-IoT book, list/14). One that was sent and
has no answer yet may still arrive, now or with a retry; only its answer tells what the device holds.
Rule: what would replace it, take it back or forget it waits until it has ended. The plan after that starts from what
it left behind. It ends at the latest with its expiry (`model.observed.delivery_seen`).
The obvious way, to ask for a withdrawal all the same, fails each time, and an apply that did all it could ends as
failed.
"""

from __future__ import annotations

from collections.abc import Iterable

from reconcile.model.desired import Command, DesiredResource
from reconcile.model.plan import Notice
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource, RecordedRun
from reconcile.model.values import ABSENT, UNKNOWN, Known
from reconcile.planner.situation import Situation
from reconcile.planner.verdict import SETTLED, Action, Verdict

ON_AIR = "sent to the device already: what replaces it waits until that has ended"
LEAVES_LATER = "something was sent to it already: it is let go once that has ended"


def is_on_air(situation: Situation, record: RecordedResource | RecordedRun | None) -> bool:
    """Whether the command that carries it was sent, and has no answer yet."""
    is_cached = record is not None and record.command_uuid is not None
    return is_cached and record is not None and situation.delivery_of(record) is DeliveryState.SENT


def awaited(situation: Situation, desired: DesiredResource, verdict: Verdict) -> Verdict:
    """The verdict, or a wait where it would need the withdrawal of what was sent."""
    is_outdated = verdict.action in (Action.WRITE, Action.WITHDRAW)
    if not is_outdated or not is_on_air(situation, situation.recorded_resource(desired.path)):
        return verdict
    return SETTLED if verdict.is_let_go else Verdict(Action.WAIT, UNKNOWN, ON_AIR)


def run_notice(situation: Situation, command: Command) -> Notice:
    """A command that is due again while its earlier run is on its way."""
    args: Known = ABSENT if command.args is None else command.args
    return Notice(situation.device.ref, f"{command.name}: {ON_AIR}", command.execute, args)


def removal_notice(situation: Situation, record: RecordedResource) -> Notice:
    """A resource that left the manifests while a write to it is on its way."""
    return Notice(situation.device.ref, ON_AIR, record.path, ABSENT, record.value)


def let_go_later(gone: Iterable[RecordedDevice], platforms: Iterable[str]) -> list[Notice]:
    """Devices that left and may not be forgotten yet: a command of ours is on its way to them."""
    known = set(platforms)
    return [Notice(record.ref, LEAVES_LATER) for record in gone if record.ref.platform in known and _has_sent(record)]


def _has_sent(record: RecordedDevice) -> bool:
    items: list[RecordedResource | RecordedRun] = [*record.resources.values(), *record.runs.values()]
    return any(one.delivery is DeliveryState.SENT for one in items)
