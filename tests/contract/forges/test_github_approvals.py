"""Approvals read from, and written to, a GitHub of our own whose answers GitHub's description allows; GitLab by its shapes."""

import httpx
import pytest
from fake_github import serving
from fake_github_approvals import FakeApprovals

from reconcile.gitops.approvals import github, gitlab, hosted
from reconcile.gitops.forges.http import Api, ForgeError
from reconcile.gitops.forges.shapes import GITHUB, GITLAB
from reconcile.report.comment.marker import Marker

DIGEST = f"sha256:{'a' * 64}"
COMMIT, HEAD = "c" * 40, "d" * 40
LATER = "2026-11-23T00:05:00Z"


@pytest.fixture
def fake():
    with serving(FakeApprovals()) as found:
        yield found


@pytest.fixture
def api(fake):
    with Api(GITHUB, fake.url, fake.token) as found:
        yield found


def test_deployment_reviews_are_those_of_the_run(fake, api):
    fake.review_run("41", "grace", words="good")
    fake.review_run("42", "ada", state="rejected")

    (one,) = github.deployment_reviews(api, "acme/fleet", "41")

    assert (one.environments, one.state, one.who, one.words) == ({"fleet-approval"}, "approved", "grace", "good")
    assert github.deployment_reviews(api, "acme/fleet", "43") == []
    with pytest.raises(ForgeError, match="no number of a run"):
        github.deployment_reviews(api, "acme/fleet", "41/../42")


def test_a_check_run_that_was_written_is_found_again_and_others_are_told_apart(fake, api):
    github.write_check_run(api, "acme/fleet", COMMIT, DIGEST, "Approved by grace")
    fake.check_run(COMMIT, DIGEST, app="github-actions")
    fake.check_run(COMMIT, DIGEST, name="lint")
    fake.check_run(HEAD, DIGEST)

    found = github.check_runs(api, "acme/fleet", COMMIT)

    assert [(one.app, one.digest) for one in found] == [("fleet-approver", DIGEST), ("github-actions", DIGEST)]
    assert hosted.by_check_run(found, "fleet-approver", DIGEST).yes
    with pytest.raises(ForgeError, match="full hash"):
        github.check_runs(api, "acme/fleet", "main")


def test_the_pull_request_that_was_merged_brings_our_comment_and_who_may_write(fake, api):
    fake.merged(7, COMMIT, HEAD)
    fake.rights = {"grace": "write", "eve": "read"}
    fake.comment(7, f"{Marker('plan', 'sha256:' + 'f' * 64)}\nforged\n", author="mallory")
    fake.comment(7, f"{Marker('plan', DIGEST)}\nours\n")
    for who in ("grace", "eve", "mallory"):
        fake.review(7, who, HEAD, LATER)

    found = github.pull_of_commit(api, "acme/fleet", COMMIT, "plan")

    assert (found.number, found.head, found.digest) == (7, HEAD, DIGEST)
    assert {one.who: one.may_write for one in found.reviews} == {"grace": True, "eve": False, "mallory": False}
    assert hosted.by_review(found, DIGEST).yes.who == ("grace",)
    assert github.pull_of_commit(api, "acme/fleet", COMMIT, "staging").digest is None
    fake.merged(8, COMMIT, HEAD)
    assert github.pull_of_commit(api, "acme/fleet", COMMIT, "plan") is None


def test_gitlab_tells_the_approvals_of_the_deployment_of_this_pipeline():
    approvals = [{"user": {"username": "grace"}, "status": "approved", "created_at": "2026-11-23T06:05:00.000Z",
                  "comment": "good"}]  # fmt: skip
    one = {"id": 9, "deployable": {"pipeline": {"id": 41}}, "pending_approval_count": 0, "approvals": approvals}
    listed = [{"id": 10, "deployable": {"pipeline": {"id": 42}}}, one]

    def answer(request):
        path = request.url.raw_path.decode()
        assert path.startswith("/api/v4/projects/acme%2Ffleet/deployments")
        return httpx.Response(200, json=one if path.endswith("/9") else listed)

    with Api(GITLAB, "https://gitlab.example/api/v4", "t", transport=httpx.MockTransport(answer)) as api:
        (found,) = gitlab.deployment_reviews(api, "acme/fleet", "prod", "41")
        assert (found.who, found.state, found.at.isoformat()) == ("grace", "approved", "2026-11-23T06:05:00+00:00")
        one["pending_approval_count"] = 1
        assert gitlab.deployment_reviews(api, "acme/fleet", "prod", "41") == []
        assert gitlab.deployment_reviews(api, "acme/fleet", "prod", "40") == []
