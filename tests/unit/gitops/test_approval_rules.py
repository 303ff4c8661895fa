"""Which approvals of a host count: one row each, and what is said of those that do not."""

from datetime import UTC, datetime, timedelta

import pytest

from reconcile.gitops.approvals.hosted import (
    CheckRun,
    Passing,
    Pull,
    Review,
    Reviewed,
    by_check_run,
    by_environment,
    by_review,
)

DIGEST, OTHER = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
PLANNED = datetime(2026, 11, 23, 6, tzinfo=UTC)
AFTER, BEFORE = PLANNED + timedelta(minutes=5), PLANNED - timedelta(minutes=5)
HEAD, OLD = "1" * 40, "2" * 40


def reviewed(state="approved", who="grace", words="", at=None, environment="prod"):
    return Reviewed(frozenset({environment}), state, who, words, at)


@pytest.mark.parametrize(("found", "attempt", "expected"), [
    ([], 1, "nobody approved"),
    ([reviewed(environment="other")], 1, "nobody approved"),
    ([reviewed("pending")], 1, "nobody approved"),
    ([reviewed()], 1, None),
    ([reviewed(), reviewed("rejected", "ada")], 1, "refused to this run by ada"),
    ([reviewed()], 2, "earlier plan"),
    ([reviewed(words=f"yes to {DIGEST}.")], 2, None),
    ([reviewed(words=OTHER)], 1, "names another plan"),
    ([reviewed(words=f"{OTHER} {DIGEST}")], 1, "names another plan"),
    ([reviewed(at=AFTER)], 1, None),
    ([reviewed(at=BEFORE)], 1, "earlier plan"),
    ([reviewed(at=BEFORE), reviewed(who="ada", at=AFTER)], 1, None),
])  # fmt: skip
def test_a_deployment_review_is_of_this_run_and_of_this_plan(found, attempt, expected):
    holds(by_environment(found, Passing("prod", DIGEST, PLANNED, attempt)), expected)


def check(number=1, app="approver", digest=DIGEST, status="completed", conclusion="success"):
    return CheckRun(number, app, digest, status, conclusion, "2026-11-23T06:00:00Z")


@pytest.mark.parametrize(("found", "expected"), [
    ([], "no approval by the app approver"),
    ([check()], None),
    ([check(app="github-actions")], "github-actions wrote does not count"),
    ([check(digest=OTHER)], "another plan"),
    ([check(digest="")], "another plan: none"),
    ([check(conclusion="failure")], "failure, not success"),
    ([check(status="in_progress", conclusion="")], "in_progress, not success"),
    ([check(2, conclusion="cancelled"), check(1)], "cancelled, not success"),
    ([check(2, digest=OTHER), check(1)], "another plan"),
    ([check(1, conclusion="failure"), check(2)], None),
    ([check(1), check(2, app="mallory", conclusion="failure")], None),
])  # fmt: skip
def test_the_newest_check_run_of_the_app_counts(found, expected):
    holds(by_check_run(found, "approver", DIGEST), expected)


def review(who="grace", state="APPROVED", commit=HEAD, at="T5", may_write=True):
    return Review(who, state, commit, at, may_write)


def pull(*reviews, digest=DIGEST, shown_at="T3"):
    return Pull(7, HEAD, "ada", digest, shown_at, reviews)


@pytest.mark.parametrize(("found", "expected"), [
    (None, "no pull request"),
    (pull(review(), digest=None), "no plan of ours is shown"),
    (pull(review(), digest=OTHER), "shows another plan"),
    (pull(), "nobody who may write"),
    (pull(review()), None),
    (pull(review(may_write=False)), "nobody who may write"),
    (pull(review("ada")), "nobody who may write"),
    (pull(review(commit=OLD)), "before its last push: grace"),
    (pull(review(at="T2")), "changed after it was approved"),
    (pull(review(at="T3")), "changed after it was approved"),
    (pull(review(), review(state="DISMISSED", at="T6")), "nobody who may write"),
    (pull(review(), review("joan", "CHANGES_REQUESTED")), "joan asked for changes"),
    (pull(review(), review("joan", "CHANGES_REQUESTED", may_write=False)), None),
    (pull(review(state="CHANGES_REQUESTED", at="T4"), review()), None),
    (pull(review(), review(state="COMMENTED", at="T6")), None),
])  # fmt: skip
def test_a_review_is_of_the_last_commit_and_of_the_plan_that_is_shown(found, expected):
    holds(by_review(found, DIGEST), expected)


def holds(answer, expected):
    if expected is None:
        assert answer.why == ()
        assert answer.yes.digest == DIGEST
        assert answer.yes.who
    else:
        assert answer.yes is None
        assert expected in " ".join(answer.why)
