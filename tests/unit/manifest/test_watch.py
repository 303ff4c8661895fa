"""`onDrift`, `refresh` and `drift` of manifests: who is asked, and what the words come to."""

from datetime import timedelta

import pytest
from layering_kit import FLEET, device, fleet_of, of
from layering_kit import profile as profile_of

from reconcile.model.desired import OnDrift
from reconcile.model.drift import FlapRule

LOW, HIGH = "/3303/0/5603", "/3303/0/5604"
METER = device("m1", "  {platform: one, imei: '865820030000001'}")
REPORTING = FLEET + "  defaults: {onDrift: report}\n"


def profile(name, members):
    return profile_of(name, f"  {{selector: {{}}, {members}}}")


def policies(*manifests, fleet=FLEET):
    compiled = fleet_of(*manifests, METER, fleet=fleet)
    assert [d.code for d in compiled.diagnostics if d.is_error] == []
    return {one.path: one.on_drift for one in of(compiled, "m1").document.resources}


def test_written_back_unless_somebody_says_otherwise():
    assert policies(profile("p", f"resources: {{{LOW}: 1}}")) == {LOW: OnDrift.REVERT}


def test_the_resource_is_asked_first_then_its_document_then_the_fleet():
    written = profile("p", f"onDrift: adopt, resources: {{{LOW}: 1, {HIGH}: {{value: 2, onDrift: revert}}}}")
    assert policies(written, fleet=REPORTING) == {LOW: OnDrift.ADOPT, HIGH: OnDrift.REVERT}
    assert policies(profile("p", f"resources: {{{LOW}: 1}}"), fleet=REPORTING) == {LOW: OnDrift.REPORT}


def test_only_the_layer_that_wins_the_value_is_asked():
    low = profile("low", f"priority: 1, onDrift: report, resources: {{{LOW}: 1}}")
    high = profile("high", f"priority: 2, resources: {{{LOW}: 2}}")
    assert policies(low, high) == {LOW: OnDrift.REVERT}


def test_profiles_of_one_priority_that_disagree_about_the_policy_are_refused():
    one = profile("one", f"resources: {{{LOW}: {{value: 1, onDrift: report}}}}")
    two = profile("two", f"resources: {{{LOW}: {{value: 1, onDrift: adopt}}}}")
    found = [d for d in fleet_of(one, two, METER).diagnostics if d.is_error]
    assert [d.code for d in found] == ["RCL126"]
    assert "onDrift report" in found[0].detail


@pytest.mark.parametrize(
    ("written", "labels", "seconds"),
    [
        ("", {}, 0),
        ("refresh: {maxAge: 24h}", {"class": "lamp"}, 86_400),
        ("refresh: {maxAge: 90}", {}, 90),
        (
            "refresh: {maxAge: [{selector: {matchLabels: {class: meter}}, age: 7d}, {age: 1h}]}",
            {"class": "meter"},
            604_800,
        ),
        (
            "refresh: {maxAge: [{selector: {matchLabels: {class: meter}}, age: 7d}, {age: 1h}]}",
            {"class": "lamp"},
            3_600,
        ),
        ("refresh: {maxAge: [{selector: {matchLabels: {class: meter}}, age: 7d}]}", {"class": "lamp"}, 0),
    ],
)
def test_the_first_selector_that_matches_says_how_old_a_look_may_be(written, labels, seconds):
    rule = fleet_of(METER, fleet=f"{FLEET}  {written}\n").refresh
    assert (rule.max_age_s(labels), rule.is_limited) == (seconds, bool(written))


def test_budget_and_flap_rule_come_as_written_and_default_to_three_in_a_week():
    plain = fleet_of(METER)
    assert (plain.refresh.budget, plain.flaps) == (None, FlapRule(3, timedelta(days=7), timedelta(days=7)))
    text = f"{FLEET}  refresh: {{budget: 0}}\n  drift: {{quarantineAfter: 5, window: 1h, rest: 30m}}\n"
    written = fleet_of(METER, fleet=text)
    assert (written.refresh.budget, written.refresh.is_limited) == (0, True)
    assert written.flaps == FlapRule(5, timedelta(hours=1), timedelta(minutes=30))
