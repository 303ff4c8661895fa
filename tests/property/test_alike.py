"""Work that devices share is the work each of them would have been planned by itself."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeAlias

import pytest

from reconcile.model.desired import (
    RELEASE,
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
from reconcile.model.drift import DriftHistory, DriftRound
from reconcile.model.fleet import Hold, Safety
from reconcile.model.observed import ObservedDevice, ObservedResource
from reconcile.model.plan import Base, Plan
from reconcile.model.plan_json import class_json, device_json, header_json
from reconcile.model.protection import Pattern, Protected
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource, RecordedRun
from reconcile.model.values import ABSENT, UNKNOWN, Json, Known, canonical
from reconcile.model.wakes import Spent
from reconcile.planner.alike import Alike
from reconcile.planner.build import Inputs, build
from reconcile.planner.situation import Situation
from reconcile.platforms import registry
from reconcile.ports import Capabilities
from reconcile.state.codec import stored_json
from reconcile.state.codec_shared import RowReader
from reconcile.testing.builders import AT, device, recorded, resource
from reconcile.testing.fleets import same_for

LATER = AT + timedelta(hours=1)
MORE = LATER + timedelta(seconds=7)
Kind: TypeAlias = tuple[str, Capabilities, Callable[[str, Known, Known], bool]]
DIALECTS = {f"{name}-prod": found.dialect for name in ("onenet", "aliyun") if (found := registry.find(name))}
PATHS = {"onenet-prod": ("/3303/0/5603", "/3303/0/5604", "/1/0/1"), "aliyun-prod": ("Power", "Mode", "Level")}
SCALARS: tuple[Json, ...] = (1, 1.0, True, 2, "1", 0.0, -0.0)
VALUES: dict[str, tuple[Json, ...]] = {
    "onenet-prod": SCALARS,
    "aliyun-prod": (*SCALARS, None, [1], [1.0], {"a": 1}, {"a": True}),
}
ROWS = RowReader()
SEEN = ObservedResource(cloud=1, reported=2, version=1)
RULES = (RELEASE, RELEASE, OnRemoval("set", 0), OnRemoval("set", 1), OnRemoval("set", True))
COMMANDS = (
    Command("reboot", "/3/0/4", after=PATHS["onenet-prod"][:1]),
    Command("reset", "/3/0/5", trigger="a"),
    Command("unlock", "/3/0/6", before=PATHS["onenet-prod"][1:2]),
)
OTHERWISE: tuple[dict[str, Any], ...] = (
    *({"delivery": state} for state in DeliveryState),
    *({"delivery": state, "command_uuid": "u-1"} for state in DeliveryState),
    *({"confirmed": value} for value in (ABSENT, UNKNOWN, 1, True, 2)),
    {"value_type": "float"},
    {"version": 7},
    {"is_leaving": True},
    {"has_stray": True},
    {"gave_way": 1},
    {"retries": 3},
)
FLAGS: tuple[dict[str, Any], ...] = (
    {"recorded": None},
    {"recorded": None, "is_swapped": True},
    {"observed": ObservedDevice(device("x-1").ref, {path: SEEN for paths in PATHS.values() for path in paths})},
    {"in_scope": lambda path: path in ("/3303/0/5603", "Power")},
    {"retries_lost": True},
    {"may_queue": False},
    {"stored": "sha256:before"},
)
STEADY: tuple[dict[str, Any], ...] = (
    {},
    {},
    {},
    {"last_uplink": AT, "silences_s": (3600,)},
    {"unreachable_at": AT},
    {"looked_at": AT},
)
ODD: tuple[dict[str, Any], ...] = (
    {"drifts": {path: DriftHistory(2, (DriftRound(AT, 1),), 3) for paths in PATHS.values() for path in paths}},
    {"runs": {"reboot": RecordedRun("reboot", "trigger:a", DeliveryState.CONFIRMED, AT)}},
    {"runs": {"reboot": RecordedRun("reboot", "trigger:b", DeliveryState.EXPIRED, AT, "u-9")}},
    {"runs": {"reset": RecordedRun("reset", "trigger:a", DeliveryState.CONFIRMED, AT)}},
    {"reset_at": LATER},
    {"spent": Spent(AT, 5, 400)},
    {"last_uplink": LATER - timedelta(seconds=5), "silences_s": (30, 40)},
)


@pytest.mark.parametrize("platform", PATHS)
def test_a_device_takes_over_what_it_would_have_come_to_itself(platform: str) -> None:
    """Pairs of devices that differ in one thing, or in times alone: the second takes over no more than is its own."""
    dice, taken, kind = random.Random(platform), 0, _kind(platform)
    for _ in range(1200):
        plain = [_resource(dice, path, platform) for path in PATHS[platform] if dice.random() < 0.9]
        document = _document(dice, platform, plain)
        alike = Alike()
        for number in range(2):
            resources, fields, flags = _otherwise(dice, plain, platform) if number else (plain, {}, {})
            one = _situation(dice, f"x-{number}", document, (resources, fields), kind, **flags)
            shared, own = alike.worked(one), Alike(is_shared=False).worked(one)
            drafts, own_drafts = (alike.formed(one, each, DIALECTS[platform]) for each in (shared, own))
            assert repr((shared.work, drafts)) == repr((own.work, own_drafts)), one  # 1 equals true, so as text
            taken += shared.drafts is not None
    assert taken > 100


@pytest.mark.parametrize("seed", range(3))
def test_a_plan_of_shared_work_is_the_plan_of_each(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fleets of few documents and few histories: what is told of devices and counted of them is told and counted."""
    dice = random.Random(seed)
    for _ in range(15):
        inputs = _inputs(dice)
        fast = build(inputs)
        with monkeypatch.context() as patch:
            patch.setattr(Alike, "_place_of", lambda _self, _situation: None)
            slow = build(inputs)
        assert _said(fast) == _said(slow)


def _said(plan: Plan) -> list[str]:
    notices = (plan.held, plan.unknown, plan.conflicts, plan.drift, plan.waiting, plan.blocked)
    parts: list[object] = [
        header_json(plan),
        *map(class_json, plan.classes),
        *(device_json(one, with_delivery=True) for one in plan.devices),
        [[notice.to_json() for notice in some] for some in notices],
        plan.diagnostics,
        plan.protected,
    ]
    return [repr(part) for part in parts]


def _inputs(dice: random.Random) -> Inputs:
    situations = []
    for platform, paths in PATHS.items():
        histories = [[_resource(dice, path, platform) for path in paths] for _ in range(2)]
        kind, documents = _kind(platform), [_document(dice, platform, histories[0]) for _ in range(2)]
        for number in range(12):
            history = dice.choice(histories)
            is_other = dice.random() < 0.2
            resources, fields, flags = _otherwise(dice, history, platform) if is_other else (history, {}, {})
            known = resources, fields
            situations.append(_situation(dice, f"x-{number}", dice.choice(documents), known, kind, **flags))
    pattern = Pattern("/1/*/*" if dice.random() < 0.5 else "Level")
    safety = Safety(protected=(Protected(pattern, "a slip strands it"),)) if dice.random() < 0.3 else Safety()
    held = Hold("pause", frozenset(dice.sample([one.device.ref for one in situations], 4)), MORE, "test")
    return Inputs(
        situations,
        DIALECTS,
        dict.fromkeys(DIALECTS, 10.0),
        Base("sha256:manifests", None, "lineage", 1, "none"),
        LATER,
        holds=(held,) if dice.random() < 0.3 else (),
        safety=safety,
    )


def _rules(platform: str) -> list[OnRemoval]:
    return [*RULES, OnRemoval("clear")] if platform == "aliyun-prod" else [*RULES]


def _kind(platform: str) -> Kind:
    dialect, thing = DIALECTS[platform], device("x-1", platform=platform)
    return platform, dialect.capabilities(""), same_for(dialect, thing.identity)


def _document(dice: random.Random, platform: str, plain: list[RecordedResource]) -> DesiredDocument:
    """Most of it as it is recorded, as of a device that changes."""
    paths, known = PATHS[platform], {each.path: each.value for each in plain}
    declared = [path for path in paths if dice.random() < 0.8]
    resources = [
        DesiredResource(
            path,
            known[path] if path in known and dice.random() < 0.5 else dice.choice(VALUES[platform]),
            dice.choice((None, None, "float")),
            ownership=dice.choice((*[Ownership.ENFORCE] * 4, *Ownership)),
            on_removal=dice.choice(_rules(platform)),
            on_conflict=dice.choice([*OnConflict]),
            after=tuple(declared[:1]) if path != declared[0] and dice.random() < 0.25 else (),
        )
        for path in declared
    ]
    delivery = Delivery(
        mode=dice.choice([*DeliveryMode]),
        urgency=dice.choice([Urgency.ROUTINE, *Urgency]),
        budget=Budget(1, None) if dice.random() < 0.05 else Budget(),
        write_mode=dice.choice([WriteMode.UPDATE, *WriteMode]),
        wakes_every_s=dice.choice((None, 600)),
    )
    runs = () if platform == "aliyun-prod" else dice.choice(((), (), COMMANDS[:1], COMMANDS[1:2], COMMANDS[2:]))
    return DesiredDocument.build(tuple(resources), runs, delivery)


def _resource(dice: random.Random, path: str, platform: str) -> RecordedResource:
    return resource(
        path,
        dice.choice(VALUES[platform]),
        value_type=dice.choice((None, "float")),
        delivery=dice.choice((DeliveryState.ACCEPTED, DeliveryState.CONFIRMED)),
        confirmed=dice.choice((ABSENT, ABSENT, 1)),
        on_removal=dice.choice(_rules(platform)),
        version=dice.choice((None, 1, 2)),
    )


def _otherwise(
    dice: random.Random, plain: list[RecordedResource], platform: str
) -> tuple[list[RecordedResource], dict[str, Any], dict[str, Any]]:
    """The same but for one thing: of a resource, of the record, or of what is known beside it."""
    match dice.randrange(3):
        case 0 if plain:
            position = dice.randrange(len(plain))
            variants = [*OTHERWISE, *({"value": value} for value in VALUES[platform])]
            variants += [{"on_removal": rule} for rule in _rules(platform)]
            other = replace(plain[position], **dice.choice(variants))
            return [*plain[:position], other, *plain[position + 1 :]], {}, {}
        case 1:
            return plain, dice.choice([*STEADY, *ODD]), {}
        case _:
            return plain, {}, dice.choice(FLAGS)


def _situation(
    dice: random.Random,
    name: str,
    document: DesiredDocument,
    known: tuple[list[RecordedResource], dict[str, Any]],
    kind: Kind,
    **flags: Any,
) -> Situation:
    platform, capabilities, same = kind
    one = device(name, platform=platform)
    at = AT + timedelta(seconds=dice.randrange(100))
    resources = [replace(each, accepted_at=at, confirmed_at=dice.choice((None, at))) for each in known[0]]
    record = recorded(name, *resources, platform=platform, **known[1])
    return replace(
        Situation(
            device=one,
            document=document,
            recorded=_read(dice, replace(record, digest=document.digest) if dice.random() < 0.2 else record),
            observed=None,
            capabilities=capabilities,
            same=same,
            server_now=LATER,
        ),
        **flags,
    )


def _read(dice: random.Random, record: RecordedDevice) -> RecordedDevice:
    """As it comes out of a state beside others that hold alike, or made by itself."""
    return ROWS.read(canonical(stored_json(record))) if dice.random() < 0.7 else record
