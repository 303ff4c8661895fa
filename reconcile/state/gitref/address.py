"""Which ref of which remote a `gitref:` URL names; whatever git would take for an option or a program is refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from reconcile.model.errors import StateError
from reconcile.model.late import dataclass

_ENVIRONMENT: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SCP: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*:(?!:)[A-Za-z0-9~._/][^\s]*")
_SCHEMES: Final = ("https", "ssh", "file")
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_BRANCH: Final = "?in=branch"


@dataclass(frozen=True, slots=True)
class Address:
    """`remote` is a name, a URL or a path, as git takes it; `ref` is where the state lies there."""

    remote: str
    ref: str

    @property
    def is_name(self) -> bool:
        """True when a repository's configuration says where it is."""
        return _NAME.fullmatch(self.remote) is not None

    @property
    def shown(self) -> str:
        """For people: never with a user's name, a password or a token."""
        return f"{without_user(self.remote)} {self.ref}"


def without_user(remote: str) -> str:
    """A remote without whatever stands before `@`."""
    return re.sub(r"//[^/]*@", "//", remote)


def read_address(url: str, folder: Path) -> Address:
    """The address in `gitref:REMOTE#ENVIRONMENT`, or with `?in=branch` behind it. Raises: StateError."""
    remote, sharp, rest = url.removeprefix("gitref:").partition("#")
    environment = rest.removesuffix(_BRANCH)
    if not sharp or not _ENVIRONMENT.fullmatch(environment) or ".." in environment or environment.endswith(".lock"):
        raise StateError(
            f"unknown environment in the state URL: found {environment[:40]!r}, expected letters, digits, `.`, `_` and "
            "`-`, as in `gitref:origin#production`. Correct --state."
        )
    branch = rest.endswith(_BRANCH)
    ref = f"refs/heads/reconcile-state/{environment}" if branch else f"refs/reconcile/state/{environment}"
    return Address(_checked(remote, folder), ref)


def _checked(remote: str, folder: Path) -> str:
    if _NAME.fullmatch(remote):
        return remote
    if remote.isprintable() and "::" not in remote.partition("/")[0]:
        if "://" in remote:
            parts = urlsplit(remote)
            is_here = parts.scheme == "http" and parts.hostname in _LOOPBACK
            if (parts.scheme in _SCHEMES or is_here) and not (parts.hostname or "").startswith("-"):
                return remote
        elif remote.startswith(("/", "./", "../")):
            return str((folder / remote).absolute())
        elif _SCP.fullmatch(remote):
            return remote
    raise StateError(
        f"unknown remote in the state URL: found {without_user(remote)[:60]!r}, expected the name of a remote, an "
        "https:// or ssh:// URL, user@host:path, or a path that begins with / or ./. Correct --state."
    )
