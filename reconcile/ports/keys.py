"""Where a client's keys and a fleet's secrets come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Protocol

from reconcile.model.late import dataclass
from reconcile.model.values import JsonObject
from reconcile.ports.values import Problem


class Secrets(Protocol):
    """Values that never enter plan, state or log."""

    def resolve(self, marker: JsonObject) -> str:
        """The secret behind a marker. Raises: ReconcileError when it is missing or is not the planned one."""
        ...


class Credentials(Protocol):
    """A client's keys. They may change while a client lives: what belongs together is one issue, and has one number."""

    def get(self, name: str) -> str | None:
        """The credential of that name of the current issue, or None when it is optional and absent."""
        ...

    def issue(self) -> int:
        """The number of the current issue; cheap, to be asked before each request is signed.

        Keys that are about to expire are asked for again first. A client that read its keys under another number reads
        all of them again. Raises: NotSent when the keys expired and no new ones are to be had.
        """
        ...

    def renew(self, refused: int) -> bool:
        """After the cloud refused keys of issue `refused` as expired or unknown: asks where they come from again.

        True when there are other keys now, so that a request that had no effect may be signed anew, once.
        """
        ...


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """What a provider is asked for. `spec` is its own part of the manifest, `names` the keys that are needed at least.

    `environ` and `folder` (the manifests') are the caller's: a provider looks nowhere else for what is said there.
    """

    platform: str
    names: Sequence[str]
    spec: JsonObject
    environ: Mapping[str, str] = field(repr=False)
    folder: str


@dataclass(frozen=True, slots=True)
class IssuedKeys:
    """Keys that belong together, by their names in `credentials:`. `expires` is aware; None: nobody knows when."""

    values: Mapping[str, str] = field(repr=False)
    expires: datetime | None = None


class CredentialProvider(Protocol):
    """Where keys come from beyond variables and files: OIDC, a vault, a role of the machine. `API_VERSION` is 1.

    Found through the entry point group `reconcile.credentials`, by the name that manifests give as `provider`.
    """

    def check(self, spec: JsonObject) -> Sequence[Problem]:
        """What is wrong with its own part of the manifest; offline, without asking anybody."""
        ...

    def issue(self, request: KeyRequest) -> IssuedKeys:
        """New keys. Asked before the first call, and again when they expire or are refused.

        It blocks, and with it a whole run: it must give up by itself within some ten seconds. Raises: ReconcileError,
        whose message is shown and so holds no key and no answer of a server.
        """
        ...
