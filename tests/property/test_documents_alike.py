"""Devices whose own documents say the same come to what each of them comes to alone."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.scale_fleet import write
from benchmarks.servers import KEYS
from benchmarks.settled import settle
from reconcile.runs import sealed_files
from reconcile.runs.plan import plan_now
from reconcile.runs.request import Refresh, Request
from reconcile.runs.session import InputRejectedError, Options, Session

DEVICES = 40
AT = datetime(2026, 1, 2, tzinfo=UTC)
DOCUMENT = "apiVersion: reconcile/v1\nkind: Device\nmetadata: {named}\nspec: {spec}\n"
SPECS = (
    "{platform: aliyun-prod, properties: {Brightness: 42}}",
    "{platform: aliyun-prod, properties: {Brightness: 43, RampSeconds: 7}}",
    "{platform: aliyun-prod, properties: {LampAlias: 'lamp ${device.name}'}}",
    "{platform: aliyun-prod, properties: {LampAlias: '${label:batch}'}}",
    "{platform: aliyun-prod, properties: {Brightness: 42, LampAlias: '${label:batch}'}}",
    "{platform: aliyun-prod, properties: {LampAlias: {secret: {env: ALIAS}}}}",
    "{platform: aliyun-prod, properties: {Brightness: 42}, onRemoval: {set: 1}}",
    "{platform: aliyun-prod, delivery: {mode: now}}",
    "{platform: aliyun-prod}",
    "{platform: aliyun-prod, properties: {Brightness: 4200}}",
    "{platform: aliyun-prod, properties: {Nowhere: 1}}",
    "{platform: aliyun-prod, properties: {LampAlias: '${label:nowhere}'}}",
    "{platform: aliyun-prod, onDrift: never}",
)
RIGHT = SPECS[:9]
LABELS = ("", "", ", labels: {batch: b07}", ", labels: {model: m2}")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settled fleet in which half of the devices have documents out of a few that say the same."""
    monkeypatch.setattr(sealed_files, "WORTHWHILE_DOCUMENTS", 1)
    folder = tmp_path / "fleet"
    write(folder, DEVICES)
    return folder


@pytest.mark.parametrize("seed", range(8))
def test_a_plan_is_that_of_every_document_compiled(folder: Path, seed: int) -> None:
    """Through changes of documents, right and wrong ones, and of labels in rows; first with nothing kept of earlier plans."""
    dice = random.Random(seed)
    specs = {name: dice.choice(RIGHT) for name in (f"lamp-{number:08d}" for number in range(DEVICES // 2))}
    _write(folder, specs, dice)
    _relabel(folder, dice, DEVICES // 2, profiles_of=1)
    with Session.open(_options(folder, "settling"), creates_state=True) as session:
        assert settle(session) == DEVICES
    left_out = 0
    for at in range(6):
        left_out += _both(folder, f"{at if seed % 2 else 0}")
        offered = SPECS if at > 3 else RIGHT
        specs |= {name: dice.choice(offered) for name in dice.sample(sorted(specs), dice.randrange(4))}
        _write(folder, specs, dice)
        _relabel(folder, dice, 8)
    assert left_out > DEVICES


def _write(folder: Path, specs: dict[str, str], dice: random.Random) -> None:
    """Labels move no device into what it was not settled as, most of the time."""
    of = random.Random(len(specs))
    named = {name: f"{{name: {name}{of.choice(LABELS) if dice.random() < 0.98 else LABELS[3]}}}" for name in specs}
    documents = [DOCUMENT.format(named=named[name], spec=spec) for name, spec in specs.items()]
    for number in range(2):
        (folder / f"own-{number}.yaml").write_text("---\n".join(documents[number::2]), encoding="utf-8")


def _relabel(folder: Path, dice: random.Random, lamps: int, *, profiles_of: int | None = None) -> None:
    """Gives other batches to some lamps; with `profiles_of` the other labels of that row, so that most are alike."""
    inventory = folder / "inventory" / "devices.csv"
    rows = inventory.read_text(encoding="utf-8").splitlines()
    for number in dice.sample(range(1, DEVICES // 2 + 1), lamps):
        cells, others = rows[number].split(","), rows[profiles_of or number].split(",")
        rows[number] = ",".join([*cells[:5], *others[5:-1], dice.choice(["b07", "b17", "b27"])])
    inventory.write_text("\n".join(rows) + "\n", encoding="utf-8")


def _both(folder: Path, cache: str) -> int:
    whole, _ = _plan(folder, cache, leaves_out=False)
    part, left_out = _plan(folder, cache, leaves_out=True)
    assert part == whole
    return left_out


def _plan(folder: Path, cache: str, *, leaves_out: bool) -> tuple[object, int]:
    try:
        with Session.open(_options(folder, cache), leaves_out_settled=leaves_out) as session:
            planned = plan_now(session, Request(Refresh.NONE))
            return (planned.plan, tuple(session.fleet.diagnostics)), session.fleet.left_out
    except InputRejectedError as exc:
        return tuple(exc.diagnostics), 0


def _options(folder: Path, cache: str) -> Options:
    environ = {**KEYS, "ALIAS": "hidden", "XDG_CACHE_HOME": str(folder.parent / f"cache-{cache}")}
    return Options(folder, f"sqlite:///{folder / 'state.db'}", {}, environ, lambda: AT)
