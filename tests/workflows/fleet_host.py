"""A host of one repository: bare on disk, with branches, pull requests, and the workflows of the commit that counts."""

import itertools
import subprocess
from pathlib import Path

import workflow_document
from workflow_runner import Run, play

HOOK = """\
#!/bin/sh
# What a job's token may do with contents; people, who have none, may push.
[ "${FAKE_GITHUB_CONTENTS:-write}" = write ] || { echo "remote: Write access to repository not granted." >&2; exit 1; }
"""
WHO = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false")


class Host:
    """`secrets` by environment; `reviewers` by environment: called with the run, whether they say yes."""

    def __init__(self, folder, github, secrets, action):
        self.folder, self.github, self.secrets, self.action = folder, github, secrets, action
        self.bare, self.desk = folder / "fleet.git", folder / "desk"
        self.address = f"file://{self.bare}"
        self.reviewers, self.cancels, self.runs, self._ids = {}, None, [], itertools.count(501)
        git(folder, "init", "-q", "--bare", "--initial-branch=main", str(self.bare))
        (self.bare / "hooks" / "pre-receive").write_text(HOOK)
        (self.bare / "hooks" / "pre-receive").chmod(0o755)
        git(folder, "init", "-q", "--initial-branch=main", str(self.desk))
        git(self.desk, "remote", "add", "origin", self.address)

    def commit(self, branch, files, message="A change"):
        """A commit of these texts on a branch (None deletes), pushed; its id."""
        if self.has(branch):
            git(self.desk, "checkout", "-q", branch)
        elif self.has("main"):
            git(self.desk, "checkout", "-q", "-b", branch, "main")
        for name, text in files.items():
            path = self.desk / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        git(self.desk, "add", "-A")
        git(self.desk, "commit", "-q", "-m", message)
        git(self.desk, "push", "-q", "origin", branch)
        return git(self.desk, "rev-parse", "HEAD")

    def has(self, branch):
        return bool(git(self.desk, "branch", "--list", branch))

    def text(self, name):
        """A file of the desk."""
        return (self.desk / name).read_text(encoding="utf-8")

    def pull(self, number, branch, *, owner="acme", is_fork=False):
        """A pull request of that branch, or its newer head: its `plan` runs."""
        base, head = git(self.desk, "rev-parse", "main"), git(self.desk, "rev-parse", branch)
        git(self.desk, "checkout", "-q", "--detach", "main")
        git(self.desk, "merge", "-q", "--no-ff", "-m", "Merge", branch)
        merged = git(self.desk, "rev-parse", "HEAD")
        git(self.desk, "push", "-q", "--force", "origin", f"HEAD:refs/pull/{number}/merge")
        self.github.open_pull(number, owner, branch, head)
        payload = {"number": number, "pull_request": {
            "number": number, "head": {"sha": head, "ref": branch}, "base": {"sha": base, "ref": "main"},
        }}  # fmt: skip
        # Of `pull_request`, the workflow is the one of the merge: a head may change it, and has no more rights by that.
        made = self.happens("pull_request", payload, f"refs/pull/{number}/merge", merged, is_fork=is_fork)
        for run in made:
            self.completed(run, "plan", owner, branch, head)
        return made

    def completed(self, run, name, owner, branch, head):
        """The end of a run: `workflow_run`, always by the default branch's version."""
        payload = {"repository": {"full_name": "acme/fleet"}, "workflow": {"name": name}, "workflow_run": {
            "id": run.id, "name": name, "event": run.event, "conclusion": run.conclusion, "head_branch": branch,
            "head_sha": head, "head_repository": {"full_name": f"{owner}/fleet", "owner": {"login": owner}},
            "html_url": f"https://github.example/acme/fleet/actions/runs/{run.id}",
        }}  # fmt: skip
        return self.happens("workflow_run", payload, "refs/heads/main", git(self.desk, "rev-parse", "main"), after=name)

    def merge(self, number, branch):
        """The pull request is merged: a push to main."""
        git(self.desk, "checkout", "-q", "main")
        git(self.desk, "merge", "-q", "--no-ff", "-m", f"Merge #{number}", branch)
        git(self.desk, "push", "-q", "origin", "main")
        self.github.open_pulls.pop(str(number))
        return self.pushed()

    def pushed(self):
        """A push to main has happened."""
        return self.happens("push", {}, "refs/heads/main", git(self.desk, "rev-parse", "main"))

    def scheduled(self, name):
        """The time of one workflow has come."""
        return self.happens("schedule", {}, "refs/heads/main", git(self.desk, "rev-parse", "main"), only=name)

    def happens(self, event, payload, ref, commit, *, after=None, only=None, is_fork=False):
        """Starts each workflow of that commit which the event is for."""
        made = []
        listed = git(self.desk, "ls-tree", "--name-only", commit, ".github/workflows/").splitlines()
        for path in listed:
            document = workflow_document.workflow(git(self.desk, "show", f"{commit}:{path}"))
            is_meant = only in (None, Path(path).stem)
            if is_meant and workflow_document.triggered(document, event, "main", after):
                run = Run(self, str(next(self._ids)), event, payload, ref, commit, is_fork=is_fork)
                made.append(play(run, document, self.folder / "machines"))
        self.runs += made
        return made

    def says_yes(self, run):
        """A reviewer who lets every run pass, which GitHub then says of the run."""
        self.github.review_run(run.id, "grace")
        return True

    def lets_pass(self, run, environment):
        """Whether the reviewers of an environment say yes; an environment without any asks nobody."""
        return environment not in self.reviewers or self.reviewers[environment](run)


def git(folder, *words):
    """What git says."""
    done = subprocess.run(["git", *WHO, *words], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
