"""The account's keys while a client lives: one issue is read together, and anew when there is a newer one."""

from __future__ import annotations

from typing import Final

from reconcile.model.errors import NotSent, ReconcileError
from reconcile.platforms.aliyun.auth import Keys
from reconcile.ports import Credentials

_REFUSED: Final = ("InvalidSecurityToken", "InvalidAccessKeyId.NotFound")
"""Codes of keys that ended: an STS token with its time over, a key that was rotated away."""


class KeyRing:
    """The current keys and the number of their issue."""

    def __init__(self, credentials: Credentials) -> None:
        """Raises: ReconcileError naming the key that is missing or no key at all; NotSent when they have expired."""
        self._credentials = credentials
        self.number = credentials.issue()
        self.keys = read_keys(credentials)

    def current(self) -> Keys:
        """The keys to sign the next request with. Raises: NotSent when they expired and no others are to be had."""
        number = self._credentials.issue()
        if number != self.number:
            try:
                self.keys = read_keys(self._credentials)
            except ReconcileError as exc:
                raise NotSent(f"the newer keys cannot be used: {exc.args[0]}") from exc
            self.number = number
        return self.keys

    def has_others(self, refused: int, code: str) -> bool:
        """True when keys of issue `refused` ended, as `code` says, and there are others now."""
        return code.startswith(_REFUSED) and self._credentials.renew(refused)


def read_keys(credentials: Credentials) -> Keys:
    """The account's keys. Raises: ReconcileError naming the one that is missing or no key at all."""
    access_key_id, access_key_secret = (_key(credentials, name) for name in ("accessKeyId", "accessKeySecret"))
    return Keys(access_key_id, access_key_secret, _key(credentials, "securityToken", is_optional=True) or None)


def _key(credentials: Credentials, name: str, *, is_optional: bool = False) -> str:
    """A key without the line end that a file or a shell may have left on it; inside a header it would be an attack."""
    key = (credentials.get(name) or "").strip()
    if not key and not is_optional:
        raise ReconcileError(f"credential {name} is not set", code="RCL411")
    if not (key.isascii() and key.isprintable()):
        raise ReconcileError(f"credential {name} holds characters that no key has", code="RCL411")
    return key
