"""The explain run: why a device holds what it holds, and why a plan does or does not touch it."""

from __future__ import annotations

from dataclasses import field, replace

from reconcile.apply.follow import follow
from reconcile.model.desired import Ownership
from reconcile.model.diagnostic import Diagnostic
from reconcile.model.fleet import DesiredDevice
from reconcile.model.late import dataclass
from reconcile.model.observed import ObservedDevice
from reconcile.model.recorded import RecordedDevice
from reconcile.planner.situation import in_form_of
from reconcile.report.standing import is_unconfirmed
from reconcile.runs.names import beside, names_for
from reconcile.runs.plan import plan_now
from reconcile.runs.request import Refresh, Request, Scope
from reconcile.runs.session import InputRejectedError, Session


@dataclass(frozen=True, slots=True)
class Explained:
    """Everything known of a device, a sentence for each of its resources, and the names its model gives them."""

    device: DesiredDevice
    recorded: RecordedDevice | None
    observed: ObservedDevice | None
    sentences: dict[str, str]
    names: dict[str, str] = field(default_factory=dict)
    delivery: str = ""


def find_device(session: Session, name: str) -> DesiredDevice:
    """The declared device of that name, `platform/name` or a bare name. Raises: InputRejectedError with suggestions."""
    matches = [d for d in session.devices() if name in (str(d.device.ref), d.device.ref.name)]
    if len(matches) == 1:
        return matches[0]
    if matches:
        detail = f"{name} is declared on {' and '.join(str(d.device.ref) for d in matches)}. Write platform/name."
        raise InputRejectedError([Diagnostic("RCL430", "device name is ambiguous", detail)])
    import difflib

    known = [str(d.device.ref) for d in session.devices()] + [d.device.ref.name for d in session.devices()]
    close = difflib.get_close_matches(name, known, n=3)
    hint = f" Did you mean {', '.join(close)}?" if close else " `reconcile state ls` lists recorded devices."
    raise InputRejectedError([Diagnostic("RCL431", "no such device", f"The manifests declare no device {name}.{hint}")])


def explain(session: Session, name: str, *, is_refreshed: bool) -> Explained:
    """Explains one device; with `is_refreshed` the clouds are asked first. Changes nothing."""
    device = find_device(session, name)
    ref = device.device.ref
    scope = Scope(has_device=lambda candidate: candidate.device.ref == ref)
    refresh = Refresh.ALL if is_refreshed else Refresh.NONE
    planned = plan_now(session, Request(refresh=refresh, scope=scope))
    recorded = next(iter(session.store.devices([ref])), None)
    sentences = dict.fromkeys((r.path for r in device.document.resources), "in step: a plan leaves it alone.")
    for resource in device.document.resources:
        if resource.ownership.value != "enforce":
            sentences[resource.path] = _SENTENCES[resource.ownership.value]
    commands = device.document.commands
    sentences |= dict.fromkeys((command.name for command in commands), _IDLE)
    seen = planned.observed.get(ref)
    sentences |= _settled(device, _after(session, recorded, seen))
    for group in planned.plan.classes:
        for change in group.changes:
            sentence = f"a plan would {_VERBS[change.action]} it: {change.reason}."
            names = [c.name for c in commands if change.action == "run" and change.reason.startswith(f"{c.name}: ")]
            sentences.update(dict.fromkeys(names or [change.resource], sentence))
    for notice in (*planned.plan.conflicts, *planned.plan.drift):
        if notice.resource is not None and sentences.get(notice.resource, "").endswith("a plan leaves it alone."):
            sentences[notice.resource] = f"{notice.reason}."
    for notice in planned.plan.waiting:
        names = [c.name for c in commands if c.execute == notice.resource]
        sentences.update(dict.fromkeys(names or [notice.resource or ""], f"waits: {notice.reason}."))
    for notice in (*planned.plan.held, *planned.plan.unknown, *planned.plan.blocked):
        sentences = dict.fromkeys(sentences, f"a plan leaves the device alone: {notice.reason.rstrip('.。')}.")
    paths = {r.path for r in device.document.resources} | set(recorded.resources if recorded else ())
    named = names_for(session, device.device)
    called = {path: name for path in paths if (name := beside(path, named(path)))}
    delivery = next((one.delivery for one in planned.plan.devices if one.ref == ref), "")
    return Explained(device, recorded, seen and _canonical(device, seen), sentences, called, delivery)


def _after(session: Session, recorded: RecordedDevice | None, seen: ObservedDevice | None) -> RecordedDevice | None:
    """The record as it will be when this look is folded in; nothing is recorded here."""
    if recorded is None or seen is None:
        return recorded
    return follow(recorded, seen, session.same_for(recorded.ref.platform, recorded.identity), session.options.now())


def _canonical(device: DesiredDevice, seen: ObservedDevice) -> ObservedDevice:
    """What was seen, in the form that the manifests write it in: clouds answer `"60"` for 60."""
    resources = dict(seen.resources)
    for wanted in device.document.resources:
        if (one := resources.get(wanted.path)) is not None:
            cloud, told = (in_form_of(value, wanted.value, wanted.value_type) for value in (one.cloud, one.reported))
            resources[wanted.path] = replace(one, cloud=cloud, reported=told)
    return replace(seen, resources=resources)


def _settled(device: DesiredDevice, recorded: RecordedDevice | None) -> dict[str, str]:
    """Why nothing is done about what the cloud has already and the device is not known to."""
    found: dict[str, str] = {}
    for resource in device.document.resources:
        known = None if recorded is None else recorded.resources.get(resource.path)
        if resource.ownership is not Ownership.ENFORCE or known is None or not is_unconfirmed(known):
            continue
        found[resource.path] = _ON_ITS_WAY if known.delivery.is_open else _ACCEPTED
    return found


_VERBS = {
    "create": "set",
    "update": "change",
    "clear": "clear",
    "release": "let go of",
    "adopt": "only record",
    "run": "run",
}
_ON_ITS_WAY = "queued: it waits for the device's next uplink; a plan leaves it alone."
_ACCEPTED = "accepted: the cloud holds it, the device did not report it yet; a plan leaves it alone."
_IDLE = "nothing to run: neither its trigger nor a resource it follows has changed."
_SENTENCES = {
    "seed": "seed: git set it once; since then it belongs to the field.",
    "observe": "observe: it is looked at and never written.",
    "ignore": "ignore: it is neither looked at nor written.",
}
