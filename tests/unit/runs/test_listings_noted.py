"""What a plan says of the listings and models it was made from."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta

import pytest
from listing_desk import FLEET, NOW, Desk

from reconcile.model.diagnostic import Diagnostic
from reconcile.model.fleet import NotedModel, TakenListing
from reconcile.model.plan import Base, Plan, Summary
from reconcile.ports import ListedDevice
from reconcile.report.comment.compose import plan_markdown
from reconcile.report.html.page import plan_page
from reconcile.report.listings import listings_text
from reconcile.report.text import plan_text
from reconcile.runs.noted_models import noted_models
from reconcile.runs.planfile import read_plan, write_plan


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


TAKEN = TakenListing("ali", "listings/ali-1.ndjson", NOW - timedelta(hours=3), 1204, "sha256:" + "0" * 64)


MODEL = NotedModel("aliyun", "a1", "1.`2")


def plan(*listings, models=()):
    base = Base("sha256:m", None, "l", 1, "changed", tuple(listings), tuple(models))
    return Plan("sha256:x", NOW, NOW + timedelta(days=1), base, Summary())


def test_a_plan_file_keeps_what_was_listed_when(tmp_path):
    from reconcile.model.plan_spelling import plan_digest

    for one in (plan(), plan(TAKEN), plan(TAKEN, models=[MODEL])):
        named = dataclasses.replace(one, digest=plan_digest(one))
        write_plan(named, tmp_path / "p")
        assert read_plan(tmp_path / "p") == named
    assert plan_digest(plan(TAKEN, models=[MODEL])) == plan_digest(plan())


def test_age_is_told_in_the_plan_and_apart_from_it_in_both_languages():
    full = dataclasses.replace(plan(TAKEN), diagnostics=(Diagnostic("RCL162", "old", "d"),))
    assert "ali  1,204 devices, listed 2026-11-22 05:00:00 UTC (3h before this plan)" in plan_text(full, width=120)
    said = "1,204 devices, listed 2026-11-22 05:00:00 UTC (3h before this plan)"
    assert f"- `ali` {said}" in plan_markdown(full)
    assert f'<code>ali</code> <span lang="en">{said}</span>' in "".join(plan_page(full))
    assert "Inventory from clouds" not in "".join(plan_page(plan())) + plan_markdown(plan())
    assert listings_text([TAKEN], now=NOW) == "Inventory from ali: 1,204 devices, listed 3h ago\n"
    assert listings_text([TAKEN], now=NOW, lang="zh") == "云端台账 ali：1,204 台设备，3 小时前获取\n"


def test_versions_of_models_are_noted_and_shown_as_foreign_words(desk):
    """A model that is published anew changes what a value may be, so a plan says which one it was checked against."""
    product = {"profile": {"productKey": "a1", "version": "1.2"}, "properties": []}
    (desk.folder / "models").mkdir()
    (desk.folder / "models" / "one.json").write_text(json.dumps(product))
    (desk.folder / "models" / "two.json").write_text(json.dumps({"productKey": "a2", "properties": []}))
    fleet = FLEET.replace("  inventory:", "  models: [models/]\n  inventory:")
    (desk.folder / "fleet.yaml").write_text(fleet)
    assert noted_models(desk.load()[0]) == (NotedModel("aliyun", "a1", "1.2"),)
    one = dataclasses.replace(plan(models=[MODEL]), diagnostics=(Diagnostic("RCL162", "old", "d"),))
    assert "Device models\n  a1 version 1.`2" in plan_text(one)
    assert "- `a1` version `1.\\x602`" in plan_markdown(one)
    assert "<code>a1</code> version <code>1.`2</code>" in "".join(plan_page(one))
    many = [NotedModel("aliyun", f"a{n}", "1") for n in range(10)]
    assert "2 more" in plan_text(dataclasses.replace(plan(models=many), diagnostics=one.diagnostics))
    assert "Device models" not in "".join(plan_page(plan())) + plan_markdown(plan())


def test_what_is_kept_is_readable_json_a_line(desk):
    desk.answer = [ListedDevice("lamp-1", {"productKey": "a1", "deviceName": "lamp-1"}, {"firmware": "1", "status": "ONLINE"})]  # fmt: skip
    desk.load()
    head, line = map(json.loads, desk.kept[0].read_text().splitlines())
    assert (head["platform"], head["devices"], head["products"]) == ("ali", 1, ["a1"])
    assert line == {
        "name": "lamp-1",
        "platform": "ali",
        "productKey": "a1",
        "deviceName": "lamp-1",
        "labels": {"product": "a1", "firmware": "1"},
        "seen": {"status": "ONLINE"},
    }
