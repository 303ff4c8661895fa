"""The signed file of a digest: looked for in the checkout, judged by the signers of the base commit."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from reconcile.gitops.approvals.signed import LONGEST, SIGNERS, ApprovalRefused, parts_of, path_of
from reconcile.gitops.approvals.ssh_keygen import signers
from reconcile.gitops.approvals.yes import Answer, Yes, no
from reconcile.model.plan_json import timestamp
from reconcile.runs.commit_source import resolve
from reconcile.runs.git import Git, GitError

_PLAIN: Final = "100644"


def by_file(folder: Path, base: str, digest: str, state: str, at: datetime) -> Answer:
    """Whether a signature in the manifests' folder is a yes to the digest, for that state and now.

    Raises: ApprovalRefused, GitError when the base cannot be read.
    """
    name = path_of(digest)
    content = _read(folder / name)
    if content is None:
        return no(f"nobody signed it: there is no {name}")
    parts = parts_of(content)
    if parts is None:
        return no(f"{name} is no signed approval")
    words, signed, signature = parts
    if words.digest != digest:
        return no(f"{name} is about another plan: {words.digest}")
    if words.state != state:
        return no(f"{name} is for another state: {words.state}")
    if words.until <= at:
        return no(f"{name} has expired at {timestamp(words.until)}")
    allowed = _signers(folder, base)
    if allowed is None:
        return no(f"the base commit names nobody who may sign: there is no {SIGNERS} in {base[:40]}")
    found = signers(signed, signature, allowed)
    if not found:
        return no(f"{name} is signed by nobody whom {SIGNERS} of the base commit names")
    return Answer(Yes("file", tuple(found), digest))


def _read(path: Path) -> bytes | None:
    if path.is_symlink() or path.parent.is_symlink() or not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST + 1)
    except OSError as exc:
        raise ApprovalRefused(f"{path} cannot be read: {exc.strerror}.") from exc
    return content if len(content) <= LONGEST else b""


def _signers(folder: Path, base: str) -> bytes | None:
    """`approvals/allowed_signers` beside the manifests, as the base commit has it."""
    git, commit = Git(folder), resolve(folder, base)
    head = resolve(folder, "HEAD")
    if commit == head:
        raise GitError(f"--base {base[:40]} is the commit that is checked out: give the one before the change.")
    listed = git.ask("ls-tree", "-z", "--end-of-options", commit, SIGNERS).split(b"\0")[0]
    mode, _, blob = listed.partition(b"\t")[0].decode("ascii", "replace").partition(" blob ")
    if mode != _PLAIN:
        return None
    return git.ask("cat-file", "blob", blob.strip())
