"""Plans of small fleets: every rule of the planner as a folder that a person can read.

desired.json   devices with their resources (a value, or `{value, mode, type, onRemoval, after}`), delivery, commands; `holds`,
               `safety`, `protected` (why by pattern), `allow`, `scope`, `refresh` ("changed" unless said). A device's identity follows from its name.
recorded.json  what was recorded, by device: `settled` (at the desired document; true unless said; else `begun` says that
               a change was begun and never finished), resources with `delivery` (accepted on Aliyun, confirmed on
               OneNET unless said), runs, `uplink_s_ago`, `missed_s_ago`.
observed.json  what the clouds say, by device; a device that is not there was not looked at.
plan.json      the plan in short: a line a change, a step, a record, a notice; counters that are not 0.
"""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from reconcile.model.actions import CancelQueued, SetDesired, to_request
from reconcile.model.desired import (
    Budget,
    Command,
    Delivery,
    DeliveryMode,
    DesiredDocument,
    DesiredResource,
    OnConflict,
    OnRemoval,
    Ownership,
    Urgency,
    WriteMode,
)
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.fleet import DesiredDevice, Hold, Safety
from reconcile.model.observed import ObservedCommand, ObservedDevice, ObservedResource
from reconcile.model.protection import Allowance, Pattern, Protected
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource, RecordedRun
from reconcile.model.values import ABSENT, UNKNOWN, Missing, canonical, short_digest
from reconcile.model.wakes import Spent
from reconcile.platforms import registry
from reconcile.testing.fleets import NOON, Truths, plan_of

CASES = Path(__file__).parent / "plan"
NAMES = sorted(path.name for path in CASES.iterdir() if path.is_dir())
DIALECTS = {"onenet-prod": registry.find("onenet").dialect, "aliyun-prod": registry.find("aliyun").dialect}
COSTS = ("forecast", "energy")
ROWS = {"onenet-prod": DeliveryState.CONFIRMED, "aliyun-prod": DeliveryState.ACCEPTED}


@pytest.mark.parametrize("case", NAMES)
def test_plan_is_what_the_contracts_say(case, update_golden):
    expected = CASES / case / "plan.json"
    found = short(plan_of(read(CASES / case)), loaded(CASES / case, "desired").get("costs", False))
    if update_golden:
        expected.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


def test_every_case_says_what_it_shows():
    assert len(NAMES) >= 25
    for case in NAMES:
        assert loaded(CASES / case, "desired")["shows"], case


def loaded(folder, name):
    path = folder / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def read(folder):
    body = loaded(folder, "desired")
    desired = [desired_device(name, spec) for name, spec in body["devices"].items()]
    documents = {str(device.device.ref): device.document for device in desired}
    recorded = [recorded_device(name, spec, documents) for name, spec in loaded(folder, "recorded").items()]
    observed = [observed_device(name, spec) for name, spec in loaded(folder, "observed").items()]
    scope = body.get("scope", {})
    devices, resources = scope.get("devices"), scope.get("resources")
    return Truths(
        desired=desired,
        dialects=DIALECTS,
        recorded=recorded,
        observed={device.ref: device for device in observed},
        holds=[hold(each) for each in body.get("holds", [])],
        safety=safety(body),
        sees_all=body.get("refresh") == "all",
        retries_lost=body.get("retry_failed", False),
        has_device=None if devices is None else lambda ref: str(ref) in devices,
        has_resource=None if resources is None else lambda path: path in resources,
    )


def identity(name, spec):
    if "identity" in spec:
        return Identity.of(**spec["identity"])
    platform, _, short_name = name.partition("/")
    if platform.startswith("aliyun"):
        return Identity.of(productKey="a1B2c3D4e5F", deviceName=short_name)
    return Identity.of(imei="86" + "".join(c for c in short_name if c.isdigit()).rjust(13, "0"))


def desired_device(name, spec):
    delivery = Delivery(**{"mode": DeliveryMode.QUEUE, **spec.get("delivery", {})})
    delivery = replace(delivery, urgency=Urgency(delivery.urgency), write_mode=WriteMode(delivery.write_mode))
    delivery = replace(delivery, budget=Budget(**spec.get("budget", {})))
    resources = tuple(desired_resource(path, value) for path, value in spec["resources"].items())
    commands = tuple(command(key, each) for key, each in spec.get("commands", {}).items())
    document = DesiredDocument.build(resources, commands, replace(delivery, mode=DeliveryMode(delivery.mode)))
    return DesiredDevice(Device(DeviceRef.parse(name), identity(name, spec), {}), document)


def desired_resource(path, value):
    spec = value if isinstance(value, dict) and "value" in value else {"value": value}
    return DesiredResource(
        path,
        spec["value"],
        spec.get("type"),
        Ownership(spec.get("mode", "enforce")),
        removal(spec.get("onRemoval")),
        on_conflict=OnConflict(spec.get("onConflict", "hold")),
        after=tuple(spec.get("after", ())),
    )


def removal(spec):
    if isinstance(spec, dict):
        return OnRemoval("set", spec["set"], spec.get("type"))
    return OnRemoval(spec or "release")


def command(name, spec):
    return Command(
        name,
        spec["execute"],
        spec.get("args"),
        tuple(spec.get("after", ())),
        spec.get("trigger"),
        spec.get("idempotent", False),
        waits_for_confirmation=spec.get("waitFor") == "confirmed",
        before=tuple(spec.get("before", ())),
    )


def recorded_device(name, spec, documents):
    ref = DeviceRef.parse(name)
    is_settled = spec.get("settled", True) and name in documents
    resources = {path: recorded_resource(ref, path, value) for path, value in spec.get("resources", {}).items()}
    return RecordedDevice(
        ref,
        identity(name, spec),
        digest=documents[name].digest if is_settled else None if spec.get("begun") else "another document",
        resources=resources,
        runs={key: recorded_run(key, each) for key, each in spec.get("runs", {}).items()},
        last_uplink=ago(spec, "uplink_s_ago"),
        silences_s=tuple(spec.get("silences_s", ())),
        spent=spent(spec.get("spent")),
        unreachable_at=ago(spec, "missed_s_ago"),
    )


def spent(spec):
    return None if spec is None else Spent(ago(spec, "since_s_ago"), spec["wakeups"], spec["bytes"])


def recorded_resource(ref, path, value):
    spec = value if isinstance(value, dict) and "value" in value else {"value": value}
    delivery = DeliveryState(spec.get("delivery", ROWS[ref.platform]))
    confirmed = spec.get("confirmed", spec["value"] if delivery is DeliveryState.CONFIRMED else ABSENT)
    return RecordedResource(
        path,
        spec["value"],
        spec.get("type"),
        delivery,
        ago(spec, "accepted_s_ago") or NOON - timedelta(hours=1),
        version=spec.get("version"),
        command_uuid=spec.get("uuid"),
        expires_at=ago(spec, "expires_s_ago"),
        confirmed=confirmed,
        confirmed_at=ago(spec, "confirmed_s_ago"),
        on_removal=removal(spec.get("onRemoval")),
        is_leaving=spec.get("leaving", False),
        retries=spec.get("retries", 0),
        cloud_at=ago(spec, "cloud_s_ago"),
        gave_way=spec.get("gave_way", ABSENT),
    )


def recorded_run(name, spec):
    followed = spec.get("after") or spec.get("before")
    key = (
        f"trigger:{spec['trigger']}"
        if "trigger" in spec
        else short_digest(canonical(list(map(list, followed.items()))))
    )
    return RecordedRun(
        name,
        key,
        DeliveryState(spec["delivery"]),
        NOON - timedelta(hours=1),
        command_uuid=spec.get("uuid"),
        expires_at=ago(spec, "expires_s_ago"),
        is_owed=spec.get("owed", False),
        retries=spec.get("retries", 0),
    )


def ago(spec, name):
    return NOON - timedelta(seconds=spec[name]) if name in spec else None


def observed_device(name, spec):
    queue = spec.get("queue")
    resources = {
        path: ObservedResource(
            cloud=known(each, "cloud"),
            version=each.get("version"),
            cloud_at=ago(each, "cloud_s_ago"),
            reported=known(each, "reported"),
            reported_at=ago(each, "reported_s_ago"),
        )
        for path, each in spec.get("resources", {}).items()
    }
    commands = (
        UNKNOWN
        if queue is None
        else tuple(ObservedCommand(uuid, "write", DeliveryState(delivery)) for uuid, delivery in queue.items())
    )
    return ObservedDevice(
        DeviceRef.parse(name),
        resources,
        commands,
        last_uplink=ago(spec, "uplink_s_ago") or UNKNOWN,
        problem=spec.get("problem"),
    )


def known(spec, name):
    """A value; `"ABSENT"` says that there is none, a missing key that nobody could look."""
    value = spec.get(name, UNKNOWN)
    return ABSENT if value == "ABSENT" else value


def safety(body):
    lines = [allowance(each) for each in body.get("allow", [])]
    return Safety(
        **body.get("safety", {}),
        protected=tuple(Protected(Pattern(text), why) for text, why in body.get("protected", {}).items()),
        allowances=tuple(line for line in lines if line.until > NOON),
        ended=tuple(line for line in lines if line.until <= NOON),
    )


def allowance(spec):
    kind = next(word for word in ("resource", "replace", "limit") if word in spec)
    ends = NOON + timedelta(days=spec["ends_in_days"])
    if kind == "limit":
        return Allowance(spec["limit"], "tried in the lab", ends, up_to=spec["up_to"], is_declared=True)
    return Allowance(kind, "tried in the lab", ends, Pattern(spec[kind]))


def hold(spec):
    refs = frozenset(DeviceRef.parse(name) for name in spec["devices"])
    return Hold(spec["name"], refs, NOON + timedelta(days=spec["ends_in_days"]), spec["reason"])


def short(plan, is_costed=False):
    found = {
        "changes": [line for group in plan.classes for line in class_lines(group)],
        "steps": [step_line(step) for step in plan.steps()],
        "records": [record_line(device) for device in plan.devices],
        "notices": [
            f"{kind} {notice_line(notice)}"
            for kind in ("held", "unknown", "conflicts", "drift", "waiting", "blocked")
            for notice in getattr(plan, kind)
        ],
        "protected": [f"{one.resource} on {one.devices} until {one.until}: {one.why}" for one in plan.protected],
        "diagnostics": [f"{d.code} {d.summary}: {d.detail.partition('. ')[0]}" for d in plan.diagnostics],
    }
    summary = {name: value for name, value in plan.summary.to_json().items() if name not in COSTS and value}
    if is_costed:
        foreseen, energies = plan.summary.forecast, [(group.id, group.energy.to_json()) for group in plan.classes]
        summary |= {"forecast": foreseen and foreseen.to_json(), "energy": dict(energies)}
    return {"summary": summary} | {name: lines for name, lines in found.items() if lines}


def text(value):
    return value.name if isinstance(value, Missing) else json.dumps(value, ensure_ascii=False)


def class_lines(group):
    names = ", ".join(map(str, group.sample)) + (f" and {group.devices - 3} more" if group.devices > 3 else "")
    yield f"{group.id} {names}"
    for change in group.changes:
        yield f"  {change.action} {change.resource}: {text(change.before)} -> {text(change.after)} ({change.reason})"


def step_line(step):
    action = step.action
    match action:
        case CancelQueued():
            what = f"{action.uuid} of {', '.join(action.paths) or 'a command'}"
        case SetDesired():
            versions = dict(action.versions)
            what = ", ".join(f"{w.path}={text(w.value)}@{versions[w.path]}" for w in action.items)
        case _ if hasattr(action, "writes"):
            what = ", ".join(f"{w.path}={text(w.value)}" for w in action.writes)
        case _:
            retry = to_request(action).get("retry")
            what = f"{action.path} {action.command}" + ("" if retry is None else f" retry {retry}")
    after = f" after {', '.join(step.after)}" if step.after else ""
    after += f" when {', '.join(step.confirmed)} confirmed" if step.confirmed else ""
    return f"{step.id} {step.device} {action.kind} {what}{after}"


def record_line(device):
    parts = [
        "released" if device.is_released else "settles" if device.settles else "stays open",
        *(
            f"adopts {a.path}={text(a.value)}"
            + ("" if a.version is None else f"@{a.version}")
            + ("" if a.over is ABSENT else f" over {text(a.over)}")
            for a in device.adoptions
        ),
        *(f"lets go of {path}" for path in device.releases),
        *(f"withdraws run of {name}" for name in device.withdrawn_runs),
    ]
    return f"{device.ref}: {', '.join(parts)}"


def notice_line(notice):
    where = f"{notice.device} {notice.resource}" if notice.resource else str(notice.device)
    sides = [
        f"{name} {text(v)}"
        for name, v in (("desired", notice.desired), ("recorded", notice.recorded), ("observed", notice.observed))
    ]
    note = "" if notice.conflict is None else f" {json.dumps(notice.conflict.to_json()['conflict'])}"
    return f"{where}: {notice.reason}" + (f" [{', '.join(sides)}]{note}" if notice.resource else "")
