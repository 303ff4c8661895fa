"""Which approval at a git host counts: pure rules over what the host says.

| source      | is a yes to a digest when                                                                         |
| ----------- | ------------------------------------------------------------------------------------------------- |
| environment | the environment's reviewers let this run pass, none refused it, and either the reviewer's words   |
|             | name the digest, or the review came after the plan (where no time is told: the run was started    |
|             | once)                                                                                             |
| check-run   | the newest check-run of that name by that app on the commit succeeded, and carries the digest     |
| review      | who may write approved the pull request's last commit after our comment with the digest was last  |
|             | changed, and nobody who may write still asks for changes                                          |
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reconcile.gitops.approvals.yes import DIGEST, Answer, Yes, no, several
from reconcile.model.late import dataclass
from reconcile.model.plan_json import timestamp


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What reviewers of environments said of one run. `state` is `approved`, `rejected` or `pending`."""

    environments: frozenset[str]
    state: str
    who: str
    words: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Passing:
    """A run that wants to pass an environment with a plan made at `planned`; `attempt` counts its starts."""

    environment: str
    digest: str
    planned: datetime
    attempt: int = 1

    def is_of_this_plan(self, one: Reviewed) -> bool:
        """Whether a review that names no digest cannot have been of an earlier plan."""
        return self.attempt == 1 if one.at is None else one.at >= self.planned


def by_environment(found: Sequence[Reviewed], run: Passing) -> Answer:
    """The deployment reviews of this run."""
    environment, digest = run.environment, run.digest
    ours = [one for one in found if environment in one.environments]
    refused = [one.who for one in ours if one.state == "rejected"]
    if refused:
        return no(f"the environment {environment} was refused to this run by {several(refused)}; start a new run")
    approved = [one for one in ours if one.state == "approved"]
    if not approved:
        return no(f"nobody approved the environment {environment} for this run; has it required reviewers?")
    named = [(one, {*DIGEST.findall(one.words)}) for one in approved]
    good = [one for one, digests in named if digests == {digest} or (not digests and run.is_of_this_plan(one))]
    if good:
        times = [one.at for one in good if one.at is not None]
        who = tuple(sorted({one.who for one in good}))
        return Answer(Yes("environment", who, digest, timestamp(max(times)) if times else None))
    others = {other for _, digests in named for other in digests if other != digest}
    if others:
        return no(f"the review of {environment} names another plan: {several(others)}")
    return no(
        f"the review of {environment} may be of an earlier plan, because the run was started again or planned again; "
        "start a new run, or name the digest in the review"
    )


@dataclass(frozen=True, slots=True)
class CheckRun:
    """A check-run of the commit that was asked for, with the short name of the app that wrote it."""

    number: int
    app: str
    digest: str
    status: str
    conclusion: str
    at: str | None
    title: str = ""


def by_check_run(found: Sequence[CheckRun], app: str, digest: str) -> Answer:
    """The check-runs of our name on one commit."""
    ours = sorted((one for one in found if one.app == app), key=lambda one: one.number)
    if not ours:
        others = several(one.app for one in found)
        return no(
            f"no approval by the app {app} on this commit" + (f"; what {others} wrote does not count" * bool(others))
        )
    last = ours[-1]
    if last.digest != digest:
        return no(f"the newest approval by {app} is for another plan: {last.digest or 'none'}")
    if (last.status, last.conclusion) != ("completed", "success"):
        return no(f"the newest approval by {app} is {last.conclusion or last.status}, not success")
    return Answer(Yes("check-run", (app, *([last.title] if last.title else [])), digest, last.at))


@dataclass(frozen=True, slots=True)
class Review:
    """A review of a pull request, and whether its author may write to the repository."""

    who: str
    state: str
    commit: str
    at: str
    may_write: bool


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request as far as an approval needs it; `digest` and `shown_at` are of our own comment on it, if any."""

    number: int
    head: str
    author: str
    digest: str | None
    shown_at: str
    reviews: tuple[Review, ...]


def by_review(pull: Pull | None, digest: str) -> Answer:
    """The reviews of the pull request that brought a commit."""
    if pull is None:
        return no("no pull request, or more than one, brought this commit")
    if pull.digest is None:
        return no(f"no plan of ours is shown on #{pull.number}, so nobody can have approved one")
    if pull.digest != digest:
        return no(f"#{pull.number} shows another plan: {pull.digest}")
    last: dict[str, Review] = {}
    for one in sorted(pull.reviews, key=lambda review: review.at):
        if one.state in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED") and one.may_write and one.who != pull.author:
            last[one.who] = one
    against = [one.who for one in last.values() if one.state == "CHANGES_REQUESTED"]
    if against:
        return no(f"{several(against)} asked for changes of #{pull.number}")
    approved = [one for one in last.values() if one.state == "APPROVED"]
    good = [one for one in approved if one.commit == pull.head and one.at > pull.shown_at]
    if good:
        return Answer(Yes("review", tuple(sorted(one.who for one in good)), digest, max(one.at for one in good)))
    if not approved:
        return no(f"nobody who may write approved #{pull.number}")
    if not any(one.commit == pull.head for one in approved):
        return no(f"#{pull.number} was approved before its last push: {several(one.who for one in approved)}")
    return no(f"the plan shown on #{pull.number} changed after it was approved: {several(one.who for one in approved)}")
