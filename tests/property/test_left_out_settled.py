"""A plan that leaves out settled devices while it reads is the plan of the whole fleet, or the same refusal."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.scale_fleet import write
from benchmarks.servers import KEYS
from benchmarks.settled import settle
from reconcile.model.recorded import DeliveryState
from reconcile.ports import Commit
from reconcile.runs.plan import plan_now
from reconcile.runs.request import Refresh, Request
from reconcile.runs.session import InputRejectedError, Options, Session

DEVICES = 24
AT = datetime(2026, 1, 2, tzinfo=UTC)
PROFILE = """
---
apiVersion: reconcile/v1
kind: {kind}
metadata: {{name: extra}}
spec: {spec}
"""

MANY = """{selector: {matchLabels: {class: lamp}}, priority: 95, properties: {Brightness: 3},
       safety: {maxChangedDevices: 5}}"""
OWN = """
apiVersion: reconcile/v1
kind: Device
metadata: {name: lamp-00000003}
spec: {platform: aliyun-prod, properties: {Brightness: 42}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A settled fleet, one device of which has a document of its own."""
    folder = tmp_path_factory.mktemp("fleet")
    write(folder, DEVICES)
    (folder / "own.yaml").write_text(OWN, encoding="utf-8")
    with Session.open(_options(folder), creates_state=True) as session:
        assert settle(session) == DEVICES
    return folder


Edit = Callable[[list[str], random.Random], None]


def _nothing(rows: list[str], dice: random.Random) -> None:
    """As recorded."""


def _relabelled(rows: list[str], dice: random.Random) -> None:
    at = dice.randrange(len(rows))
    rows[at] = rows[at].rpartition(",")[0] + ",b07"


def _other_identity(rows: list[str], dice: random.Random) -> None:
    at = dice.randrange(DEVICES // 2, len(rows))
    rows[at] = rows[at].replace("8658", "8659")


def _shared_identity(rows: list[str], dice: random.Random) -> None:
    at = dice.randrange(DEVICES // 2, len(rows))
    rows.append(rows[at].replace("meter-", "newer-", 1))


def _twice(rows: list[str], dice: random.Random) -> None:
    rows.append(rows[dice.randrange(len(rows))])


def _gone(rows: list[str], dice: random.Random) -> None:
    del rows[dice.randrange(len(rows))]


def _shuffled(rows: list[str], dice: random.Random) -> None:
    dice.shuffle(rows)


def _broken(rows: list[str], dice: random.Random) -> None:
    rows[dice.randrange(len(rows))] += ",one,more"


@pytest.mark.parametrize(
    "edit",
    [_nothing, _relabelled, _other_identity, _shared_identity, _twice, _gone, _shuffled, _broken],
)
def test_a_plan_is_the_same_with_settled_devices_left_out(folder: Path, edit: Edit) -> None:
    """Whatever became of the inventory; in order nothing but what has to be looked at is kept."""
    inventory = folder / "inventory" / "devices.csv"
    before = inventory.read_text(encoding="utf-8")
    header, *rows = before.splitlines()
    edit(rows, random.Random(edit.__name__))
    inventory.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    try:
        whole, _ = _plan(folder, leaves_out=False)
        part, left_out = _plan(folder, leaves_out=True)
    finally:
        inventory.write_text(before, encoding="utf-8")
    assert part == whole
    if edit in (_nothing, _relabelled, _other_identity, _gone, _shuffled):
        assert left_out >= DEVICES - 3
    else:
        assert left_out == 0


def test_a_device_with_something_on_its_way_is_not_left_out(folder: Path) -> None:
    """Its record keeps it in."""
    with Session.open(_options(folder)) as session:
        kept = next(iter(session.store.devices([session.devices()[-1].device.ref])))
        path, one = next(iter(kept.resources.items()))
        open_one = replace(one, delivery=DeliveryState.QUEUED, command_uuid="u-1")
        session.store.commit(Commit(devices=[replace(kept, resources={**kept.resources, path: open_one})]), fences={})
        try:
            whole, _ = _plan(folder, leaves_out=False)
            part, left_out = _plan(folder, leaves_out=True)
        finally:
            session.store.commit(Commit(devices=[kept]), fences={})
    assert part == whole
    assert left_out == DEVICES - 1


@pytest.mark.parametrize(
    ("kind", "spec", "expected"),
    [
        (
            "Hold",
            "{devices: [onenet-prod/meter-00000020], until: 2026-02-01, reason: test}",
            range(DEVICES - 1, DEVICES),
        ),
        ("Hold", "{devices: [meter-20], selector: {}, until: 2026-02-01, reason: test}", range(1)),
        ("Hold", "{selector: {matchLabels: {model: m1}}, until: 2026-01-01, reason: test}", range(1, DEVICES - 2)),
        ("Profile", "{selector: {matchLabels: {model: m1}}, priority: 95, safety: {maxChangedPercent: 5}}", range(1)),
        (
            "Profile",
            MANY,
            range(DEVICES // 2, DEVICES),
        ),
    ],
)
def test_words_about_settled_devices_keep_those(folder: Path, kind: str, spec: str, expected: range) -> None:
    """Holds speak of some; limits of profiles count devices that nothing is planned for."""
    extra = folder / "extra.yaml"
    extra.write_text(PROFILE.format(kind=kind, spec=spec), encoding="utf-8")
    try:
        whole, _ = _plan(folder, leaves_out=False)
        part, left_out = _plan(folder, leaves_out=True)
    finally:
        extra.unlink()
    assert part == whole
    assert left_out in expected


POLICY = """apiVersion: reconcile/v1
kind: Policy
metadata: {{name: guards}}
spec: {{rules: [{{name: one, {rule}}}]}}
"""
OWNED = 'owners: [{path: ., owners: ["@city/operations"]}]'
NIGHTS = 'windows: {zone: Asia/Shanghai, open: [{days: [mon], from: "22:00", to: "23:00"}]}'
BOUND = "bounds: {resource: Brightness, min: 0, max: 10}"


@pytest.mark.parametrize(
    ("theirs", "ours", "is_left_out"),
    [(None, None, True), (None, BOUND, True), (OWNED, BOUND, True), (NIGHTS, None, True), (BOUND, None, False)],
)
@pytest.mark.parametrize("account", ["cn-shanghai", "cn-beijing"])
def test_a_pull_request_is_judged_by_the_base_with_settled_devices_left_out(
    folder: Path, tmp_path: Path, theirs: str | None, ours: str | None, account: str, *, is_left_out: bool
) -> None:
    """Rules about what is declared of any device need all of them; what the change says of rules counts no more."""
    base, policy, manifest = tmp_path / "base", folder / "policy.yaml", folder / "fleet.yaml"
    shutil.copytree(folder, base)
    if theirs is not None:
        (base / "policy.yaml").write_text(POLICY.format(rule=theirs), encoding="utf-8")
    if ours is not None:
        policy.write_text(POLICY.format(rule=ours), encoding="utf-8")
    before = manifest.read_text(encoding="utf-8")
    manifest.write_text(before.replace("cn-shanghai", account), encoding="utf-8")
    inventory = folder / "inventory" / "devices.csv"
    rows = inventory.read_text(encoding="utf-8")
    inventory.write_text(rows.replace(",b01\n", ",b07\n"), encoding="utf-8")
    try:
        whole, _ = _plan(folder, leaves_out=False, policy_from=str(base))
        part, left_out = _plan(folder, leaves_out=True, policy_from=str(base))
    finally:
        inventory.write_text(rows, encoding="utf-8")
        manifest.write_text(before, encoding="utf-8")
        policy.unlink(missing_ok=True)
    assert part == whole
    assert left_out in (range(DEVICES // 2, DEVICES) if is_left_out else range(1))


@pytest.mark.parametrize(("rule", "is_left_out"), [(OWNED, True), (NIGHTS, True), (BOUND, False)])
def test_rules_about_what_is_sent_leave_settled_devices_out(folder: Path, rule: str, *, is_left_out: bool) -> None:
    policy = folder / "policy.yaml"
    policy.write_text(POLICY.format(rule=rule), encoding="utf-8")
    try:
        whole, _ = _plan(folder, leaves_out=False)
        part, left_out = _plan(folder, leaves_out=True)
    finally:
        policy.unlink()
    assert part == whole
    assert left_out == (DEVICES if is_left_out else 0)


def _plan(folder: Path, *, leaves_out: bool, policy_from: str | None = None) -> tuple[object, int]:
    try:
        options = replace(_options(folder), policy_from=policy_from)
        with Session.open(options, leaves_out_settled=leaves_out) as session:
            planned = plan_now(session, Request(Refresh.NONE))
            return (planned.plan, tuple(session.fleet.diagnostics)), session.fleet.left_out
    except InputRejectedError as exc:
        return tuple(exc.diagnostics), 0


def _options(folder: Path) -> Options:
    return Options(folder, f"sqlite:///{folder / 'state.db'}", {}, dict(KEYS), lambda: AT)
