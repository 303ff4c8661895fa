"""What can strand an LwM2M device: said in both languages, and listed with its reason in the documentation."""

from pathlib import Path

import pytest

from reconcile.model.device import Identity
from reconcile.platforms import registry
from reconcile.platforms.onenet.stranding import STRANDING, danger
from reconcile.report.phrases_zh import reason_in_chinese

DOCS = (Path(__file__).parents[3] / "docs" / "safety.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("pattern", "why"), STRANDING, ids=lambda each: getattr(each, "text", ""))
def test_each_reason_has_a_chinese_one_and_each_pattern_a_row(pattern, why):
    assert reason_in_chinese(why) != why
    is_in_a_range = pattern.text.startswith("/1/*/") and 13 <= int(pattern.text.rpartition("/")[2]) <= 23
    assert f"`{pattern.text}`" in DOCS or is_in_a_range


def test_what_a_device_comes_back_from_or_only_measures_is_free():
    assert not any(
        map(danger, ["/3/0/4", "/1/0/2", "/1/0/3", "/1/0/6", "/1/0/8", "/3303/0/5603", "/3/0/13", "/19/0/0"])
    )


def test_a_thing_model_s_properties_are_not_judged_by_name():
    dialect = registry.find("onenet").dialect
    thing = dialect.model_key(Identity.of(productId="p", deviceName="d"))
    assert dialect.danger(thing, "APN") is None
    assert dialect.danger(dialect.model_key(Identity.of(imei="865820031234567")), "/11/0/1") is not None
