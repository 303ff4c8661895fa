"""Canonical text of a planned device, put together from what devices share.

Premise: the steps of ten thousand devices hold a few dozen distinct requests, and to spell these anew for each device
is most of what naming a plan takes. Rule: an action is spelled once; of a device that has no more than steps, only its
names are spelled for itself. The text is that of `device_json`, byte for byte; any other device goes that way.
"""

from __future__ import annotations

from json.encoder import encode_basestring as quoted

from reconcile.model.actions import Action, SetDesired, to_request
from reconcile.model.plan import Plan, PlannedDevice, Step
from reconcile.model.plan_json import Naming, device_json
from reconcile.model.values import Json, canonical


def plan_digest(plan: Plan) -> str:
    """`sha256:` of what the plan would send and record."""
    naming, spelling = Naming(), Spelling()
    for device in plan.devices:
        naming.add_text(spelling.device(device))
    return naming.digest()


class Spelling:
    """Spells the devices of one plan, one after the other."""

    def __init__(self) -> None:
        self._requests: dict[int, tuple[Action, str, str]] = {}

    def device(self, device: PlannedDevice, *, with_delivery: bool = False) -> bytes:
        """The canonical JSON of `device_json`."""
        if not _is_plain(device):
            return canonical(device_json(device, with_delivery=with_delivery))
        delivery = f'"delivery":{quoted(device.delivery)},' if with_delivery and device.delivery else ""
        registered = ""
        if with_delivery and device.registered is not None:
            registered = f'"registered":{quoted(device.registered)},'
        name, class_id, recorded = quoted(str(device.ref)), quoted(device.class_id), quoted(device.recorded)
        identity = ",".join([f"{quoted(key)}:{quoted(value)}" for key, value in sorted(device.identity.fields)])
        steps = ",".join(
            [self._step(step, name if step.device is device.ref else "", recorded) for step in device.steps]
        )
        settles = "null" if device.settles is None else quoted(device.settles)
        return (
            f'{{"class":{class_id},{delivery}"device":{name},"identity":{{{identity}}},"recorded":{recorded},'
            f'{registered}"settles":{settles},"steps":[{steps}]}}'
        ).encode("utf-8", "surrogatepass")

    def _step(self, step: Step, name: str, recorded: str) -> str:
        action = step.action
        request, versions = self._request(action)
        after = f'"after":{_list(step.after)},' if step.after else ""
        confirmed = f'"confirmed":{_list(step.confirmed)},' if step.confirmed else ""
        otherwise = ""
        if step.otherwise is not None:
            later, _ = self._request(step.otherwise)
            otherwise = f'"otherwise":{{"kind":{quoted(step.otherwise.kind)},"request":{later}}},'
        precondition = versions or f'{{"recorded":{recorded}}}'
        return (
            f'{{{after}"class":{quoted(step.class_id)},{confirmed}"device":{name or quoted(str(step.device))},'
            f'"id":{quoted(step.id)},"kind":{quoted(action.kind)},{otherwise}"precondition":{precondition},'
            f'"request":{request},"wave":{step.wave}}}'
        )

    def _request(self, action: Action) -> tuple[str, str]:
        """What an action asks for, and the versions that guard it where it has such."""
        known = self._requests.get(id(action))
        if known is None:
            versions = _text({"versions": dict(action.versions)}) if isinstance(action, SetDesired) else ""
            # The action is kept with them, so that its number stays its own.
            known = self._requests[id(action)] = action, _text(to_request(action)), versions
        return known[1:]


def _is_plain(device: PlannedDevice) -> bool:
    """Whether it has no more than steps."""
    is_more = device.adoptions or device.releases or device.withdrawn_runs or device.owed_runs or device.retries
    return not (is_more or device.is_metered or device.is_released or device.on_removal or device.rollout is not None)


def _list(texts: tuple[str, ...]) -> str:
    return f"[{','.join(map(quoted, texts))}]"


def _text(value: Json) -> str:
    return canonical(value).decode("utf-8", "surrogatepass")
