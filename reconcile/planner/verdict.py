"""What to do about one resource: the three-way truth, and the queue.

Premise: D is what git wants, R what we last got accepted, C the copy that others can change (the cloud's desired value,
or what the device reports). Rule, for an enforced resource:

    | D vs R | C vs R  | C vs D  | verdict                                   |
    | ------ | ------- | ------- | ----------------------------------------- |
    | =      | =       | =       | settled; written if a lost set may arrive |
    | !=     | =       | !=      | write                                     |
    | =      | !=      | !=      | drift: write it back                      |
    | !=     | !=      | =       | adopt: record only                        |
    | !=     | !=      | !=      | conflict: held                            |
    | any    | unknown | unknown | as if C = R; a version check keeps it safe |

Never recorded (no R) means we take over: C is shown as `before`. A value on its way in a cached command counts as R; a
command that ended without delivery does not. The obvious way (compare D with C, write when they differ) would overwrite
foreign changes, resend what is already queued, and treat a device it could not read as empty.
"""

from __future__ import annotations

from enum import StrEnum

from reconcile.model.desired import DesiredResource, Ownership
from reconcile.model.late import dataclass
from reconcile.model.recorded import DeliveryState, RecordedResource
from reconcile.model.values import ABSENT, UNKNOWN, Json, Known
from reconcile.planner.retry import LAST_WRITE, QUEUED_WRITE, is_partial, next_retry
from reconcile.planner.situation import Situation, in_form_of


class Action(StrEnum):
    """What a verdict asks for. WITHDRAW: the device still holds what git wants, so only the queued write must go.

    WAIT: it is to be written, and not now.
    """

    NONE = "none"
    WRITE = "write"
    WITHDRAW = "withdraw"
    ADOPT = "adopt"
    CONFLICT = "conflict"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision, the value it starts from, and why. `is_drift` when somebody else changed it.

    `retry` numbers a write that goes again after its command was lost; 0 for any other.
    """

    action: Action
    before: Known = ABSENT
    reason: str = ""
    is_drift: bool = False
    value: Json = None
    is_let_go: bool = False
    retry: int = 0


SETTLED = Verdict(Action.NONE)
_ARRIVED = (DeliveryState.ACCEPTED, DeliveryState.CONFIRMED)
_SCALARS = (str, int, float, bool)


def rests(situation: Situation, desired: DesiredResource) -> bool:
    """Whether a resource is settled at a glance: what git says is what was accepted, and nobody looked.

    Nine resources of ten are, of a device that changes; whatever is not that plain is judged.
    """
    device = situation.recorded
    record = None if device is None or situation.observed is not None else device.resources.get(desired.path)
    if record is None or device is None or device.reset_at is not None or record.delivery not in _ARRIVED:
        return False
    if record.has_stray or record.gave_way is not ABSENT or desired.ownership is not Ownership.ENFORCE:
        return False
    value = desired.value
    return type(value) in _SCALARS and type(value) is type(record.value) and value == record.value


def judge(situation: Situation, desired: DesiredResource) -> Verdict:
    """The verdict for one declared resource."""
    recorded = situation.recorded_resource(desired.path)
    match desired.ownership:
        case Ownership.IGNORE:
            return _let_go(situation, recorded)
        case Ownership.OBSERVE:
            verdict = _let_go(situation, recorded)
            return _watch(situation, desired) if verdict is SETTLED else verdict
        case Ownership.SEED:
            return _take_over(situation, desired) if recorded is None else _seeded(situation, desired, recorded)
        case Ownership.ENFORCE:
            return _take_over(situation, desired) if recorded is None else _enforce(situation, desired, recorded)


def _let_go(situation: Situation, recorded: RecordedResource | None) -> Verdict:
    """Git does not want the resource written any more: what of ours is still queued for it must not arrive."""
    if recorded is None or recorded.command_uuid is None or not situation.delivery_of(recorded).is_open:
        return SETTLED
    return Verdict(Action.WITHDRAW, recorded.value, "no longer written: the queued write is withdrawn", is_let_go=True)


def _watch(situation: Situation, desired: DesiredResource) -> Verdict:
    seen = situation.cloud_value(desired.path, desired.value, desired.value_type)
    if seen is ABSENT and situation.capabilities.has_cloud_copy:  # a read-only property never has a desired value
        seen = in_form_of(situation.observed_resource(desired.path).reported, desired.value, desired.value_type)
    if desired.value is None or seen in (UNKNOWN, ABSENT) or situation.same(desired.path, desired.value, seen):
        return SETTLED
    return Verdict(Action.NONE, seen, "observed differs from the declared value", is_drift=True)


def _seeded(situation: Situation, desired: DesiredResource, recorded: RecordedResource) -> Verdict:
    """Left to the field, unless its command ended undelivered and the device never held a value of ours."""
    delivery = situation.delivery_of(recorded)
    if delivery.is_lost and recorded.confirmed is ABSENT:
        return _lost(situation, desired, recorded, delivery)
    return SETTLED


def _take_over(situation: Situation, desired: DesiredResource) -> Verdict:
    seen = situation.cloud_value(desired.path, desired.value, desired.value_type)
    if seen is UNKNOWN:
        before = UNKNOWN if not situation.capabilities.has_cloud_copy else ABSENT
        return Verdict(Action.WRITE, before, "manifest")
    wanted: Known = ABSENT if desired.value is None else desired.value
    if situation.same(desired.path, wanted, seen):
        return Verdict(Action.ADOPT, ABSENT, "already there")
    return Verdict(Action.WRITE, seen, "manifest")


def _enforce(situation: Situation, desired: DesiredResource, recorded: RecordedResource) -> Verdict:
    delivery = situation.delivery_of(recorded)
    if delivery.is_open:
        return _on_its_way(situation, desired, recorded)
    if delivery.is_lost:
        return _lost(situation, desired, recorded, delivery)
    return _three_way(situation, desired, recorded)


def _on_its_way(situation: Situation, desired: DesiredResource, recorded: RecordedResource) -> Verdict:
    if situation.same(desired.path, desired.value, recorded.value):
        return SETTLED
    if situation.same(desired.path, desired.value, recorded.confirmed):
        return Verdict(Action.WITHDRAW, recorded.value, "reverted before it was delivered")
    return Verdict(Action.WRITE, recorded.value, "manifest")


def _lost(situation: Situation, desired: DesiredResource, recorded: RecordedResource, how: DeliveryState) -> Verdict:
    if situation.same(desired.path, desired.value, recorded.confirmed):
        return Verdict(Action.ADOPT, recorded.value, f"the queued change {how.value}; the device holds this value")
    before = UNKNOWN if recorded.confirmed is ABSENT else recorded.confirmed
    seen = situation.cloud_value(desired.path, desired.value, desired.value_type)
    if is_partial(recorded, how) and situation.same(desired.path, desired.value, seen):
        return Verdict(Action.ADOPT, recorded.value, "already there")
    if not situation.same(desired.path, desired.value, recorded.value):
        return Verdict(Action.WRITE, before, "manifest")
    retry = next_retry(situation, recorded, LAST_WRITE if is_partial(recorded, how) else QUEUED_WRITE)
    return Verdict(Action.WRITE if retry.is_due else Action.WAIT, before, retry.reason, retry=retry.number)


def _three_way(situation: Situation, desired: DesiredResource, recorded: RecordedResource) -> Verdict:
    path = desired.path
    wanted: Known = ABSENT if desired.value is None else desired.value
    known: Known = ABSENT if recorded.value is None else recorded.value
    seen = _held(situation, desired, recorded)
    if _is_untouched(situation, recorded, known, seen):
        if not situation.same(path, wanted, known):
            return Verdict(Action.WRITE, known, "manifest")
        return Verdict(Action.WRITE, known, "a lost request may still change it") if recorded.has_stray else SETTLED
    if situation.same(path, wanted, seen):
        return Verdict(Action.ADOPT, recorded.value, "already there")
    if situation.same(path, wanted, known):
        return Verdict(Action.WRITE, seen, "drift: changed outside", is_drift=True)
    return Verdict(Action.CONFLICT, seen, "changed in the manifests and outside")


def _held(situation: Situation, desired: DesiredResource, recorded: RecordedResource) -> Known:
    """The copy to compare with what we recorded.

    A desired value that is gone may have been deleted by the device once it had applied it, which is no drift: then
    what it reported since we wrote decides, and nothing is known until it has.
    Source: reference of SetDeviceDesiredProperty's device side (desired/delete); emulator: `deletes_desired`.
    """
    seen = situation.cloud_value(desired.path, desired.value, desired.value_type)
    if seen is not ABSENT or recorded.value is None or not situation.capabilities.has_cloud_copy:
        return seen
    told = situation.observed_resource(desired.path)
    if told.reported is ABSENT or told.reported_at is None or told.reported_at <= recorded.accepted_at:
        return UNKNOWN
    return in_form_of(told.reported, desired.value, desired.value_type)


def _is_untouched(situation: Situation, recorded: RecordedResource, known: Known, seen: Known) -> bool:
    """Nobody else changed it as far as we can tell."""
    return seen is UNKNOWN or situation.same(recorded.path, known, seen)
