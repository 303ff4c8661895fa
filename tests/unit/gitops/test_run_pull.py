"""The pull request of a finished run, by GitHub's word: whatever the run or its head's author claims."""

import json

import httpx
import pytest

from reconcile.gitops.forges.http import Api, ForgeError
from reconcile.gitops.forges.run_pull import Run, pull_of, read_run
from reconcile.gitops.forges.shapes import GITHUB

HEAD = "a" * 40
EVENT = {
    "repository": {"full_name": "acme/fleet"},
    "workflow_run": {
        "head_branch": "warmer",
        "head_sha": HEAD,
        "head_repository": {"full_name": "mallory/fleet", "owner": {"login": "mallory"}},
        "pull_requests": [{"number": 999}],
    },
}
RUN = Run("acme/fleet", "mallory:warmer", HEAD)


@pytest.fixture
def event(tmp_path):
    def written(content):
        path = tmp_path / "event.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return written


def asked(pulls):
    """What `pull_of` says where GitHub lists these, and the request that it made."""
    seen = []

    def answer(request):
        seen.append(request)
        return httpx.Response(200, json=pulls)

    with Api(GITHUB, "https://api.example", "token", transport=httpx.MockTransport(answer)) as api:
        return pull_of(api, RUN), seen[0]


def pull(number, sha=HEAD):
    return {"number": number, "head": {"sha": sha}}


def test_a_run_is_read_from_its_event(event):
    assert read_run(event(EVENT)) == RUN


@pytest.mark.parametrize("content", ["", "[]", "null", "{", {"repository": {"full_name": "acme/fleet"}}, "[" * 100_000])
def test_what_is_no_event_of_a_run_is_refused(event, content):
    with pytest.raises(ForgeError, match="event"):
        read_run(event(content))


def test_no_event_without_a_head_is_taken(event, tmp_path):
    gone = {**EVENT, "workflow_run": {**EVENT["workflow_run"], "head_repository": None}}
    with pytest.raises(ForgeError, match="no event of a finished run"):
        read_run(event(gone))
    with pytest.raises(ForgeError, match="cannot be read"):
        read_run(tmp_path / "none.json")


def test_only_the_pull_request_that_stands_at_the_runs_commit_is_meant():
    number, request = asked([pull(4, "b" * 40), pull(7)])

    assert number == 7
    assert request.url.path == "/repos/acme/fleet/pulls"
    assert dict(request.url.params) | {"state": "open", "head": "mallory:warmer"} == dict(request.url.params)


def test_a_late_run_says_nothing_of_a_newer_push():
    assert asked([pull(7, "b" * 40)])[0] is None
    assert asked([])[0] is None


@pytest.mark.parametrize("pulls", [[pull(7), pull(8)], [pull("7")], [pull(True)], [pull(0)]])
def test_what_is_not_clear_is_refused(pulls):
    with pytest.raises(ForgeError):
        asked(pulls)
