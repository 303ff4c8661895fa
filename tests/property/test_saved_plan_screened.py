"""A saved plan may run on manifests that leave its devices out exactly when it may on the whole fleet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.scale_fleet import write
from benchmarks.servers import KEYS
from reconcile.model.errors import PlanRefused
from reconcile.model.plan import Plan
from reconcile.runs.kept_devices import Keeper
from reconcile.runs.plan import plan_now
from reconcile.runs.planfile import read_plan, write_plan
from reconcile.runs.planned_heads import after
from reconcile.runs.request import Refresh, Request
from reconcile.runs.saved_plan import recall
from reconcile.runs.session import InputRejectedError, Options, Session

DEVICES = 24
AT = datetime(2026, 1, 2, tzinfo=UTC)

Edit = Callable[[str], str]
EDITS: dict[str, tuple[Edit, int]] = {
    "as it was": (lambda text: text, DEVICES),
    "another document": (lambda text: text.replace(",b00", ",b07"), 1),
    "another identity": (lambda text: text.replace("865800000000020", "865900000000020"), DEVICES - 1),
    "a device gone": (lambda text: "".join(line for line in text.splitlines(True) if "-00000020" not in line), 1),
    "the same identity twice": (lambda text: text + text.splitlines(True)[-1].replace("meter-", "newer-"), 0),
}
"""What became of the inventory, and how many devices must be left out at least."""


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Plan]:
    """A fleet of which nothing is recorded, and the plan that makes it so."""
    folder = tmp_path_factory.mktemp("fleet")
    write(folder, DEVICES)
    with Session.open(_options(folder), creates_state=True) as session:
        write_plan(plan_now(session, Request(Refresh.NONE)).plan, folder / "plan")
    return folder, read_plan(folder / "plan", Keeper())


@pytest.mark.parametrize("name", EDITS)
def test_a_saved_plan_runs_or_is_refused_as_on_the_whole_fleet(saved: tuple[Path, Plan], name: str) -> None:
    """And devices that it brings to what is declared are not compiled."""
    folder, plan = saved
    edit, least = EDITS[name]
    inventory = folder / "inventory" / "devices.csv"
    before = inventory.read_text(encoding="utf-8")
    inventory.write_text(edit(before), encoding="utf-8")
    try:
        whole, none = _recalled(folder, plan, screened=False)
        part, left_out = _recalled(folder, plan, screened=True)
    finally:
        inventory.write_text(before, encoding="utf-8")
    assert part == whole
    assert none == 0
    assert left_out >= least
    assert ("bears the name" in str(whole)) == (name == "another identity")


def _recalled(folder: Path, plan: Plan, *, screened: bool) -> tuple[object, int]:
    try:
        with Session.open(_options(folder), leaves_out_settled=(after(plan) if screened else None) or False) as session:
            try:
                return recall(session, plan).planned.plan, session.fleet.left_out
            except PlanRefused as exc:
                return str(exc), session.fleet.left_out
    except InputRejectedError as exc:
        return tuple(exc.diagnostics), 0


def _options(folder: Path) -> Options:
    return Options(folder, f"sqlite:///{folder / 'state.db'}", {}, dict(KEYS), lambda: AT)
