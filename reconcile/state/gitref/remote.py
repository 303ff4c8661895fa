"""The ref on the other side: asked, fetched, and moved only from where we saw it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from reconcile.model.errors import StateError
from reconcile.state.gitref.address import Address, without_user
from reconcile.state.gitref.git import Answer, run
from reconcile.state.gitref.objects import SEEN, Objects

_LOGIN: Final = re.compile(r"could not read (Username|Password)|Authentication failed|Permission denied|403|401")
_CARRIED: Final = r"^(http|credential|url|ssh)\.|^core\.(sshcommand|askpass)$|^remote\..*\.(url|pushurl)$"


class Remote:
    """`url` is what git takes."""

    def __init__(self, address: Address, url: str, objects: Objects) -> None:
        self.address, self._url, self.objects = address, url, objects

    def tip(self) -> str | None:
        """The commit that the ref names; None when there is no such ref. Raises: StateError."""
        answer = run(self.objects.folder, ["ls-remote", "--", self._url, self.address.ref])
        if not answer.is_good:
            raise self.failure("asked", answer)
        for line in answer.output.decode("ascii", "replace").splitlines():
            name, _, ref = line.partition("\t")
            if ref == self.address.ref:
                return name
        return None

    def fetch(self) -> str:
        """Gets the commit that the ref names, without its past; returns its name. Raises: StateError."""
        refspec = f"+{self.address.ref}:{SEEN}"
        answer = run(self.objects.folder, ["fetch", "-q", "--depth=1", "--no-tags", "--", self._url, refspec])
        if not answer.is_good:
            raise self.failure("fetched", answer)
        return (self.objects.folder / SEEN).read_text(encoding="ascii").strip()

    def push(self, before: str | None, commit: str) -> Answer:
        """Moves the ref to a commit if it still is where we saw it; the answer may lie, so look."""
        lease = f"--force-with-lease={self.address.ref}:{before or ''}"
        return run(
            self.objects.folder,
            ["push", "-q", "--no-verify", "--porcelain", lease, "--", self._url, f"{commit}:{self.address.ref}"],
        )

    def failure(self, what: str, answer: Answer) -> StateError:
        """What to say of a remote that does not do it."""
        if _LOGIN.search(answer.complaint):
            advice = (
                "It does not let us in: give git the credentials that `git push` there needs (a credential helper, an "
                "SSH key, or a token with the right to write contents); nothing is asked for on the terminal."
            )
        else:
            advice = (
                "Check the remote and the network. If this host refuses refs outside branches, keep the state on one: "
                "add `?in=branch` to the state URL."
            )
        return StateError(f"the state cannot be {what}: {self.address.shown}: {answer.complaint.rstrip('.')}. {advice}")


def settings_of(folder: Path) -> dict[str, list[str]]:
    """How git logs in, as the repository that holds a folder says: `actions/checkout` keeps its token there."""
    answer = run(folder, ["config", "--includes", "-z", "--get-regexp", _CARRIED], is_ours=False)
    found: dict[str, list[str]] = {}
    for item in answer.output.decode("utf-8", "replace").split("\0"):
        key, newline, text = item.partition("\n")
        if newline:
            found.setdefault(key, []).append(text)
    return found


def url_of(address: Address, settings: dict[str, list[str]]) -> str:
    """Where a remote is. Raises: StateError when it is a name that no configuration knows, or a program."""
    if not address.is_name:
        return address.remote
    key = f"remote.{address.remote}."
    urls = settings.get(f"{key}pushurl") or settings.get(f"{key}url") or []
    if not urls:
        raise StateError(
            f"unknown git remote in the state URL: {address.remote!r}: the repository of the manifest folder has none "
            "of that name. Add it (`git remote add`), or write its URL."
        )
    if urls[0].startswith("-") or re.match(r"[A-Za-z0-9]+::", urls[0]):
        raise StateError(f"the git remote {address.remote!r} is a program, {without_user(urls[0])[:40]!r}: not used.")
    return urls[0]


def as_config(settings: dict[str, list[str]]) -> str:
    """Those settings as lines of a configuration file, remotes left out."""
    lines = []
    for key, texts in settings.items():
        section, _, rest = key.partition(".")
        inner, _, name = rest.rpartition(".")
        if section == "remote":
            continue
        lines.append(f"[{section} {_quoted(inner)}]" if inner else f"[{section}]")
        lines += [f"\t{name} = {_quoted(text)}" for text in texts]
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
