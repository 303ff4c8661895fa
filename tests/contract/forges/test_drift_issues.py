"""Issues of drift: opened, updated and closed on the fake GitHub; the decision by itself."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fake_github import FakeGitHub, serving

from reconcile.gitops.drift_issues import LABEL, Changes, decide, wanted_issues
from reconcile.gitops.forges.forge import Forge
from reconcile.gitops.forges.http import Api
from reconcile.gitops.forges.nouns import Issue
from reconcile.gitops.forges.shapes import GITHUB
from reconcile.model.device import DeviceRef
from reconcile.model.drift import DriftNote
from reconcile.model.plan import Base, Notice, Plan, Summary

AT = datetime(2026, 11, 23, tzinfo=UTC)
EMPTY = Plan("sha256:0", AT, AT, Base("m", None, "l", 1, "all"), Summary())
ME = "github-actions[bot]"


def drifted(*found):
    notices = [
        Notice(DeviceRef("aliyun-prod", name), "drift", resource, 60, 60, value, drift=DriftNote("revert"))
        for name, resource, value in found
    ]
    return replace(EMPTY, drift=tuple(notices))


def as_issues(plan, author=ME, start=1):
    return [Issue(str(n), author, one.title, one.text) for n, one in enumerate(wanted_issues(plan), start)]


def test_one_issue_a_kind_whatever_the_number_of_devices():
    plan = drifted(*((f"lamp-{n}", "Brightness", n) for n in range(70)), ("lamp-1", "LightSwitch", 0))

    brightness, switch = wanted_issues(plan)

    assert "70 devices" in brightness.text
    assert brightness.text.count("lamp-") == 50
    assert "20 more" in brightness.text
    assert "LightSwitch" in switch.title
    assert "台设备" in wanted_issues(plan, "zh")[0].text


def test_the_same_plan_over_its_own_issues_asks_for_nothing():
    plan = drifted(("lamp-1", "Brightness", 5), ("lamp-2", "LightSwitch", 0))
    stored = [replace(one, text=one.text.replace("\n", "\r\n").rstrip()) for one in as_issues(plan)]

    assert decide(plan, stored, ME) == Changes()


def test_what_is_gone_is_closed_unless_somebody_could_not_be_read():
    (issue,) = as_issues(drifted(("lamp-1", "Brightness", 5)))
    unread = replace(EMPTY, unknown=(Notice(DeviceRef("aliyun-prod", "lamp-1"), "silent"),))

    assert decide(EMPTY, [issue], ME).closed == (issue,)
    assert decide(unread, [issue], ME) == Changes()


def test_issues_of_others_are_left_alone_and_copies_of_ours_closed():
    plan = drifted(("lamp-1", "Brightness", 5))
    (ours,) = as_issues(plan, start=4)
    copy, forged = replace(ours, number="9"), replace(ours, number="2", author="mallory")

    assert decide(plan, [copy, forged, ours], ME) == Changes(closed=(copy,))
    assert decide(EMPTY, [forged], ME) == Changes()


@pytest.mark.parametrize("name", ["@all", "`code`", "a|b", "<!-- -->", "\x1b[31m", "::error::", "[x](http://evil)"])
def test_hostile_names_and_values_are_shown_as_code(name):
    (one,) = wanted_issues(drifted((name.replace("/", ""), f"{name}", name)))

    rows = [line for line in one.text.splitlines() if line.startswith("| `")]
    assert len(rows) == 1
    assert rows[0].count(" | ") == 3
    assert "\x1b" not in one.title + one.text


def test_the_life_of_a_drift_on_a_host():
    with serving(FakeGitHub()) as fake, Api(GITHUB, fake.url, fake.token) as api:
        forge = Forge(api, "acme/fleet")
        fake.open("A pull request", "x", [LABEL], pull=True)
        for plan in (drifted(("lamp-1", "Brightness", 5)), drifted(("lamp-1", "Brightness", 6)), EMPTY):
            changes = decide(plan, list(forge.issues(LABEL)), forge.me)
            for one in changes.opened:
                forge.open_issue(one.title, one.text, LABEL)
            for issue, wanted in changes.edited:
                forge.edit_issue(issue.number, wanted.title, wanted.text)
            for issue in changes.closed:
                forge.close_issue(issue.number)

    states = [(one["state"], "`6`" in one["body"]) for one in fake.issues.values()]
    assert states == [("open", False), ("closed", True)]
