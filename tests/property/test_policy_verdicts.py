"""Policies against a slow judge that knows no shortcuts: every device, every rule, every resource, one after the other."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.desired import (
    Command,
    Delivery,
    DeliveryMode,
    DesiredDocument,
    DesiredResource,
    OnRemoval,
    Ownership,
)
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.fleet import DesiredDevice
from reconcile.model.policy import Bounds, Condition, Rule, Subject, Waiver
from reconcile.model.protection import Pattern
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource
from reconcile.model.values import secret
from reconcile.planner.policy.judge import judge_declared, judge_sent
from reconcile.planner.policy.reach import Reach
from reconcile.planner.policy.verdicts import Verdicts
from reconcile.platforms import registry
from reconcile.testing.fleets import NOON, Truths, plan_of

PATHS = ["/3303/0/5603", "/3303/1/5603", "/3303/0/5604", "/3/0/14"]
VALUES = st.sampled_from([-50, -1.5, 0, 1, 7, 60.0, True, "60", secret("env", "A")])
QUEUED = Delivery(mode=DeliveryMode.QUEUE)
ALL = [("/3303", 1), ("/3303/*/5603", 3), ("/3303/0/5603", 3), ("/3303/0", 2), ("/3/0/4", 3), ("Light", 0)]
PATTERNS = st.sampled_from([text for text, _ in ALL])

documents = st.builds(
    lambda values, owned, runs: DesiredDocument.build(
        tuple(DesiredResource(path, value, ownership=owned) for path, value in sorted(values.items())),
        (Command("boot", "/3/0/4", after=tuple(sorted(values))[:1]),) if runs and values else (),
        QUEUED,
    ),
    st.dictionaries(st.sampled_from(PATHS), VALUES, max_size=3),
    st.sampled_from([Ownership.ENFORCE, Ownership.SEED, Ownership.OBSERVE]),
    st.booleans(),
)
identities = st.sampled_from([
    Identity.of(imei="865820030000001"), Identity.of(imei="111111111111111"),
    Identity.of(productKey="a1", deviceName="x"), Identity.of(productId="p1", deviceName="x"), Identity.of(iotId="i"),
])  # fmt: skip
sites = st.sampled_from(["lab", "street"])


@st.composite
def fleets(draw):
    """Devices that share a few documents, with labels."""
    shared = draw(st.lists(documents, min_size=1, max_size=3))
    return [
        DesiredDevice(Device(DeviceRef("p", f"d{number}"), draw(identities), {"site": draw(sites)}), draw(st.sampled_from(shared)))
        for number in range(draw(st.integers(1, 5)))
    ]  # fmt: skip


def at(site):
    return lambda device: device.labels.get("site") == site


SUBJECTS = [one for one in Subject if one not in (Subject.WINDOWS, Subject.OWNERS)]


@st.composite
def rules(draw, name="r", subjects=tuple(SUBJECTS)):
    subject = draw(st.sampled_from(subjects))
    rule = Rule("guards", name, subject, denies=draw(st.booleans()))
    if draw(st.booleans()):
        rule = replace(rule, covers=at(draw(sites)), asks_labels=True)
    if draw(st.booleans()):
        waiver = Waiver("tried", NOON + timedelta(days=9))
        rule = replace(rule, waivers=(replace(waiver, covers=at(draw(sites))) if draw(st.booleans()) else waiver,))
    patterns = tuple(map(Pattern, draw(st.lists(PATTERNS, min_size=1, max_size=2))))
    match subject:
        case Subject.PRODUCTS | Subject.IMEI_PREFIXES:
            return replace(
                rule, texts=tuple(draw(st.lists(st.sampled_from(["a1", "p1", "8658", "1"]), min_size=1, max_size=2)))
            )
        case Subject.BOUNDS:
            limits = [draw(st.none() | st.sampled_from([-2, 0, 5, 59.5])) for _ in range(2)]
            return replace(rule, bounds=Bounds(patterns[0], *limits, draw(st.none() | st.sampled_from([0, 3, 100]))))
        case Subject.COMBINATION:
            return replace(rule, combination=tuple(Condition(Pattern(draw(PATTERNS)), draw(st.sampled_from([1, 0, 60]))) for _ in range(2)))  # fmt: skip
        case _:
            return replace(rule, patterns=patterns)


# The slow judge: no caches, no groups, and paths compared part by part.


def means(text, path):
    if not (text.startswith("/") and path.startswith("/")):
        return text == path
    wanted, parts = text[1:].split("/"), path[1:].split("/")
    return len(wanted) <= len(parts) and all(w in ("*", p) for w, p in zip(wanted, parts, strict=False))


def hidden(value):
    return isinstance(value, dict)


def broken(rule, identity, writes, executes, holds, before):
    """The resources of a device by which it breaks the rule ("" is the device)."""
    imei = identity.get("imei")
    product = identity.get("productKey") or identity.get("productId")
    if rule.subject is Subject.PRODUCTS:
        return {""} if imei is None and product not in rule.texts else set()
    if rule.subject is Subject.IMEI_PREFIXES:
        return {""} if imei is not None and not any(imei[: len(t)] == t for t in rule.texts) else set()
    if rule.subject in (Subject.RESOURCES, Subject.COMMANDS):
        done = writes if rule.subject is Subject.RESOURCES else executes
        return {path for path in done if not any(means(one.text, path) for one in rule.patterns)}
    if rule.subject is Subject.BOUNDS:
        one, found = rule.bounds, set()
        for path, value in writes.items():
            if not means(one.pattern.text, path) or value is None:
                continue
            is_number = isinstance(value, int | float)
            too_low = is_number and one.least is not None and value < one.least
            too_high = is_number and one.most is not None and value > one.most
            leaps = False
            if is_number and one.step is not None and path in before:
                old = before[path]
                leaps = not isinstance(old, int | float) or abs(value - old) > one.step
            if not is_number or too_low or too_high or leaps:
                found.add(path)
        return found
    met = [
        {p for p, v in holds.items() if means(c.pattern.text, p) and (hidden(v) or v == c.value)}
        for c in rule.combination
    ]
    touched = set().union(*met) & set(writes)
    return touched if all(met) else set()


def slow(rule, device, before_base, resources):
    """(kind of verdict, resource) of one device."""
    sides = [device, *before_base]
    if not resources or not any(rule.covers(one) for one in sides):
        return set()
    lets_off = any(
        waiver.covers.__name__ == "anything" or all(waiver.covers(one) for one in sides) for waiver in rule.waivers
    )
    kind = "RCL722" if lets_off else "RCL720" if rule.denies else "RCL721"
    return {(kind, resource) for resource in resources}


def told(verdicts):
    """What the quick judge said: kind, rule, resource, devices."""
    return {
        ("RCL722" if one.waiver else "RCL720" if one.rule.denies else "RCL721", one.rule.name, resource, ref.name)
        for (_, resource, _), one in verdicts._found.items()
        for ref in one.devices
    }


@given(
    fleet=fleets(),
    found=st.tuples(rules("r1"), rules("r2")),
    relabelled=st.none() | st.lists(sites, min_size=5, max_size=5),
)
def test_the_quick_judge_finds_what_the_slow_one_finds_of_what_is_declared(fleet, found, relabelled):
    base = [] if relabelled is None else [
        replace(one.device, labels={"site": site}) for one, site in zip(fleet, relabelled, strict=False)
    ]  # fmt: skip
    verdicts = Verdicts(Reach() if relabelled is None else Reach.of_base(base))
    judge_declared(found, fleet, verdicts)

    expected, loose = set(), set()
    for rule in found:
        for one in fleet:
            owned = [r for r in one.document.resources if r.ownership in (Ownership.ENFORCE, Ownership.SEED)]
            values = {r.path: r.value for r in owned}
            sides = [b for b in base if b.ref == one.device.ref] + [
                b for b in base if b.identity == one.device.identity
            ][-1:]
            resources = broken(
                rule, one.device.identity, values, [c.execute for c in one.document.commands], values, {}
            )
            verdict = slow(rule, one.device, sides, resources)
            keys = {(kind, rule.name, resource, one.device.ref.name) for kind, resource in verdict}
            (loose if rule.subject is Subject.COMBINATION else expected).update(keys)
    quick = told(verdicts)
    combined = {rule.name for rule in found if rule.subject is Subject.COMBINATION}
    assert {one for one in quick if one[1] not in combined} == expected
    # Of a combination one resource is named, whichever was written of it.
    assert {one for one in quick if one[1] in combined} <= loose
    assert {(k, n, d) for k, n, _, d in quick if n in combined} == {(k, n, d) for k, n, _, d in loose}
    assert any(one.is_error for one in verdicts.diagnostics(sends=False)) == any(one[0] == "RCL720" for one in quick)
    assert bool(list(verdicts.denials())) == any(one[0] == "RCL720" for one in quick)


CROWDED = st.builds(
    lambda values, runs: DesiredDocument.build(
        tuple(DesiredResource(path, value) for path, value in values.items()),
        (Command("boot", "/3/0/4", after=tuple(values)),) if runs else (),
        QUEUED,
    ),
    st.dictionaries(
        st.sampled_from(PATHS[:3]), st.sampled_from([0, 1, 60, secret("env", "A")]), min_size=1, max_size=2
    ),
    st.booleans(),
)


@pytest.mark.parametrize("subject", [Subject.BOUNDS, Subject.COMBINATION, Subject.COMMANDS, Subject.RESOURCES])
@given(
    data=st.data(),
    wanted=CROWDED,
    old=st.dictionaries(st.sampled_from(PATHS[:3]), st.sampled_from([0, 1, 60]), min_size=1),
)
def test_what_a_plan_sends_is_judged_with_what_the_device_has_already(subject, data, wanted, old):
    """The plan is a real one, a value of `onRemoval` included; what is judged is read off its steps."""
    rule = data.draw(rules(subjects=(subject,)))
    dialects = {"p": registry.find("onenet").dialect}
    identity = Identity.of(imei="865820030000001")
    desired = DesiredDevice(Device(DeviceRef("p", "d0"), identity, {"site": "lab"}), wanted)
    gone = OnRemoval("set", 7)
    record = RecordedDevice(desired.device.ref, identity, "x", {
        path: RecordedResource(path, value, None, DeliveryState.CONFIRMED, NOON, confirmed=value, on_removal=gone)
        for path, value in old.items()
    })  # fmt: skip
    plan = plan_of(Truths([desired], dialects, recorded=[record]))
    steps = [step.to_json("")["request"] for step in plan.steps()]
    writes = {
        f"/{r['obj_id']}/{r['obj_inst_id']}/{item['res_id']}": item["val"] for r in steps for item in r.get("data", ())
    }
    executes = [f"/{r['obj_id']}/{r['obj_inst_id']}/{r['res_id']}" for r in steps if "command" in r]
    verdicts = Verdicts()
    judge_sent([rule], plan, {record.ref: record}, {desired.device.ref: desired.device}, verdicts)

    resources = broken(rule, identity, writes, executes, {**old, **writes}, old) if steps else set()
    expected = {resource for _, resource in slow(rule, desired.device, [], resources)}
    quick = {resource for _, _, resource, _ in told(verdicts)}
    assert quick <= expected
    assert quick == expected or (rule.subject is Subject.COMBINATION and quick)
