"""Listings of clouds as runs come by them: kept beside the state, asked for when due, whole or not at all."""

from __future__ import annotations

import dataclasses
import os
from datetime import timedelta

import pytest
from listing_desk import FLEET, HOUR, NOW, Desk, lamps

from reconcile.model.fleet import StateConfig
from reconcile.runs import wiring
from reconcile.runs.listing_ask import listings_of
from reconcile.runs.listings import Freshness
from reconcile.runs.load import load
from reconcile.runs.plan import plan_now
from reconcile.runs.request import Request
from reconcile.runs.session import InputRejectedError, Options, Session
from reconcile.runs.source import FolderSource


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_a_listing_is_asked_for_once_and_kept_until_it_is_old(desk):
    fleet, told = desk.load()
    assert (len(fleet.devices), told, desk.asked) == (2, [], 1)
    assert desk.load(at=NOW + timedelta(hours=24))[1] == []
    assert desk.asked == 1
    assert desk.load(at=NOW + timedelta(hours=24, seconds=1))[0].listings[0].at == NOW + timedelta(hours=24, seconds=1)
    assert desk.asked == 2
    assert desk.load(Freshness.ALWAYS)[1] == []
    assert desk.asked == 3


def test_listings_that_nothing_asks_for_are_cleared_after_a_month_and_nothing_else_is(desk):
    """An entry that is edited again and again must not leave a file for every edit."""
    desk.load()
    shelf = desk.folder / ".reconcile" / "listings"
    (mine,) = desk.kept
    month = timedelta(days=30)
    for name, age in {
        "ali-0123456789ab.ndjson": month + HOUR, ".ali-0123456789ab.ndjson.x7": month + HOUR,
        "ali-aaaaaaaaaaaa.ndjson": month - HOUR, "notes.txt": month + HOUR, mine.name: month + HOUR,
    }.items():  # fmt: skip
        (shelf / name).touch()
        os.utime(shelf / name, ((NOW - age).timestamp(),) * 2)
    desk.load()
    assert len(desk.kept) == 5, "nothing was asked, nothing is cleared"
    desk.load(Freshness.ALWAYS)
    assert [path.name for path in desk.kept] == sorted(["ali-aaaaaaaaaaaa.ndjson", mine.name, "notes.txt"])


def test_a_listing_from_the_future_is_old(desk):
    desk.load(at=NOW + timedelta(days=300))
    desk.load()
    assert desk.asked == 2


@pytest.mark.parametrize(("freshness", "told"), [(Freshness.NEVER, ("RCL160", True)), (Freshness.IF_KEPT, ("RCL160", False))])  # fmt: skip
def test_offline_without_a_kept_listing(desk, freshness, told):
    fleet, found = desk.load(freshness)
    assert (found, desk.asked, len(fleet.devices)) == ([told], 0, 0)
    assert "reconcile plan" in fleet.diagnostics[0].detail
    assert str(fleet.diagnostics[0].span) == "fleet.yaml:7:15"


def test_offline_a_kept_listing_of_any_age_is_used_and_its_age_told(desk):
    desk.load()
    fleet, found = desk.load(Freshness.NEVER, at=NOW + timedelta(days=40, hours=3))
    assert (found, desk.asked, len(fleet.devices)) == ([("RCL162", False)], 1, 2)
    assert "taken 2026-11-22 08:00:00 UTC, 40d 3h ago; maxAge is 1d" in fleet.diagnostics[0].detail


def test_a_failed_fetch_falls_back_on_the_kept_listing_with_its_age(desk):
    desk.load()
    desk.answer = "RCL402: no permission"
    fleet, found = desk.load(Freshness.ALWAYS, at=NOW + timedelta(hours=5))
    assert (found, len(fleet.devices)) == ([("RCL161", False)], 2)
    assert "no permission. Used instead is the one taken 2026-11-22 08:00:00 UTC, 5h ago" in fleet.diagnostics[0].detail


def test_a_failed_fetch_without_a_kept_listing_is_an_error(desk):
    desk.answer = "RCL402: no permission"
    _, found = desk.load()
    assert found == [("RCL161", True)]
    assert not (desk.folder / ".reconcile").exists()


def test_an_empty_answer_where_devices_were_is_a_failed_fetch(desk):
    desk.load()
    desk.answer = []
    fleet, found = desk.load(Freshness.ALWAYS)
    assert (found, len(fleet.devices)) == ([("RCL161", False)], 2)
    assert f"delete listings/{desk.kept[0].name}" in fleet.diagnostics[0].detail
    desk.kept[0].unlink()
    fleet, found = desk.load(Freshness.ALWAYS)
    assert (found, len(fleet.devices)) == ([("RCL169", False)], 0)


def test_nobody_is_asked_for_manifests_that_have_errors(desk):
    (desk.folder / "bad.yaml").write_text(
        "apiVersion: reconcile/v1\nkind: Hold\nmetadata: {name: x}\nspec: {oops: 1}\n"
    )
    _, found = desk.load(Freshness.ALWAYS)
    assert desk.asked == 0
    assert ("RCL110", True) in found
    assert ("RCL160", False) in found


def test_nobody_is_asked_where_a_platform_is_configured_wrongly(desk):
    (desk.folder / "fleet.yaml").write_text(FLEET.replace("accessKeySecret: {env: B}", "accessKeySecret: {env: B}}, extraParameters: {Action: x}").replace("}}}\n  inv", "}}\n  inv"))  # fmt: skip
    _, found = desk.load(Freshness.ALWAYS)
    assert desk.asked == 0
    assert ("RCL410", True) in found


@pytest.mark.parametrize("spoil", [lambda text: text[:-9], lambda text: b"", lambda text: text + b"{}", lambda text: b"\0" * 100_000])  # fmt: skip
def test_a_spoiled_file_is_asked_for_anew_and_never_used(desk, spoil):
    desk.load()
    desk.kept[0].write_bytes(spoil(desk.kept[0].read_bytes()))
    assert desk.load(Freshness.NEVER)[1] == [("RCL160", True)]
    assert desk.load()[1] == []
    assert desk.asked == 2


def test_a_link_in_the_place_of_a_kept_listing_is_not_followed(desk, tmp_path):
    desk.load()
    real = tmp_path / "elsewhere"
    desk.kept[0].rename(real)
    (desk.folder / ".reconcile" / "listings" / desk_name(desk)).symlink_to(real)
    assert desk.load(Freshness.NEVER)[1] == [("RCL160", True)]


def desk_name(desk):
    """The name under which the desk's listing is kept, found by keeping it again."""
    desk.load(Freshness.ALWAYS)
    name = desk.kept[0].name
    desk.kept[0].unlink()
    return name


def test_the_listing_of_another_endpoint_or_of_other_products_is_another_one(desk):
    desk.load()
    desk.load(endpoints={"ali": "http://127.0.0.1:1"})
    assert desk.asked == 2
    (desk.folder / "fleet.yaml").write_text(FLEET.replace("[a1]", "[a1, a2]"))
    desk.load()
    assert (desk.asked, len(desk.kept)) == (3, 3)
    (desk.folder / "fleet.yaml").write_text(FLEET.replace("[a1]", "[a2, a1]").replace("class: lamp", "class: post"))
    desk.load()
    assert (desk.asked, len(desk.kept)) == (3, 3)


def test_digest_of_the_manifests_moves_with_devices_and_not_with_contacts(desk):
    before = desk.load()[0].digest
    desk.answer = [dataclasses.replace(one, facts={"status": "ONLINE", "lastContact": "x"}) for one in desk.answer]
    assert desk.load(Freshness.ALWAYS, at=NOW + timedelta(hours=1))[0].digest == before
    desk.answer = lamps(1)
    assert desk.load(Freshness.ALWAYS)[0].digest != before


def test_without_a_way_to_listings_the_entry_is_told(tmp_path):
    (tmp_path / "fleet.yaml").write_text(FLEET)
    assert [d.code for d in load(FolderSource(tmp_path), now=NOW).diagnostics] == ["RCL160"]


def test_a_session_that_goes_on_without_a_listing_cannot_plan(desk):
    """Else it would let go of every device that the listing holds."""
    options = Options(desk.folder, now=lambda: NOW)
    with Session.open(options) as session:
        assert [(d.code, d.is_error) for d in session.fleet.diagnostics] == [("RCL160", False)]
        with pytest.raises(InputRejectedError) as refused:
            plan_now(session, Request())
    assert [(d.code, d.is_error) for d in refused.value.diagnostics] == [("RCL160", True)]


def test_listings_lie_beside_the_state(tmp_path):
    assert wiring.state_folder(None, StateConfig(), tmp_path) == tmp_path / ".reconcile"
    assert wiring.state_folder("sqlite:////var/lib/r/state.db", StateConfig(), tmp_path).as_posix() == "/var/lib/r"
    assert wiring.state_folder("postgresql://db", StateConfig("postgres", ""), tmp_path) == tmp_path / ".reconcile"


def test_missing_keys_are_the_reason_and_the_platform_is_not_opened(tmp_path):
    (tmp_path / "fleet.yaml").write_text(FLEET)
    listings = listings_of(Options(tmp_path, now=lambda: NOW), Freshness.WHEN_OLD)
    found = load(FolderSource(tmp_path), now=NOW, listings=listings).diagnostics
    assert [d.code for d in found] == ["RCL161"]
    assert "environment variable A is not set" in found[0].detail
    assert "environment variable B is not set" in found[0].detail


# The fetch itself.


# In plans.
