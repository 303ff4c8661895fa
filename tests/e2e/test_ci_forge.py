"""A plan on a pull request and drift in issues, through the command line, on a GitHub of our own."""

import sys
from pathlib import Path

import pytest
from desk import LAMPS

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "contract" / "forges"))

from fake_github import FakeGitHub, serving


@pytest.fixture
def github():
    with serving(FakeGitHub()) as fake:
        yield fake


def env(github):
    return {"GITHUB_TOKEN": github.token, "GITHUB_API_URL": github.url}


def test_a_preview_is_posted_once_and_follows_the_branch(desk, github):
    desk.ok("plan", "-o", "a.plan")
    post = ("ci", "comment", "--plan", "a.plan", "--post-to", "acme/fleet#7")

    assert "created" in desk.ok(*post, env=env(github)).err
    assert "unchanged" in desk.ok(*post, env=env(github)).err
    desk.edit("lamps.yaml", "Brightness: 60", "Brightness: 70")
    desk.ok("plan", "-o", "a.plan")
    assert "updated" in desk.ok(*post, env=env(github)).err

    (comment,) = github.comments.values()
    assert "70" in comment["body"]
    refused = desk.ok(*post, code=1)
    assert "RCL444" in refused.err
    assert "GITHUB_TOKEN" in refused.err


def test_drift_becomes_an_issue_that_is_closed_when_it_is_gone(desk, github, cloud):
    desk.write({"lamps.yaml": LAMPS.replace("Brightness: 60", "Brightness: {value: 60, onDrift: report}")})
    desk.ok("apply", "--yes")
    cloud.post("/devices/aliyun/a1BwAGVxxxx/lamp-1/console", {"Brightness": 5})
    issues = ("ci", "issues", "--plan", "d.plan", "--repo", "acme/fleet")

    said = []
    for value in (5, 5, 6, 60):
        cloud.post("/devices/aliyun/a1BwAGVxxxx/lamp-1/console", {"Brightness": value})
        desk.ok("plan", "--refresh", "all", "-o", "d.plan")
        said.append(desk.ok(*issues, env=env(github)).out.strip())

    assert [one.replace(" ", "") for one in said] == [
        "opened1,updated0,closed0",
        "opened0,updated0,closed0",
        "opened0,updated1,closed0",
        "opened0,updated0,closed1",
    ]
    (issue,) = github.issues.values()
    assert issue["state"] == "closed"
    assert "`6`" in issue["body"]
