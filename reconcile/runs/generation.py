"""Never back behind a newer commit: a job that was late, repeated or held up must not undo what came after it.

The state names the commit of the manifests that was last begun to be applied. A commit that git knows as an ancestor of
that one is older, and is refused; any other is newer, or of another branch, and goes on. A shallow clone may not know;
then nothing is said, as without git.
"""

from __future__ import annotations

from pathlib import Path

from reconcile.model.errors import PlanRefused
from reconcile.runs.git import Git, GitError


def check_generation(folder: Path, commit: str | None, last: str | None) -> None:
    """`commit` is that of the plan, `last` that of the state. Raises: PlanRefused when the plan's is the older one."""
    if commit is None or last is None or commit == last or not _is_older(Git(folder), commit, last):
        return
    raise PlanRefused(
        f"the manifests are of commit {commit[:12]}, and {last[:12]}, which came after it, was applied already: a late "
        "job must not undo it. Apply the head of the branch; to go back, use `reconcile rollback` or `git revert`, or "
        "pass --older when you mean it.",
        code="RCL310",
    )


def _is_older(git: Git, commit: str, last: str) -> bool:
    try:
        git.ask("merge-base", "--is-ancestor", commit, last)
    except GitError:
        return False  # it is not, or one of the two is not in this clone
    return True
