"""Credentials on a request: the master key of the classic platform, or a token of its own for each request.

A token is a bearer until its `et` and binds neither path nor body, so `et` is the deadline of the request it goes with.
Source: OneNET, security and authentication (Studio api/auth.md; the same algorithm for versions 2018-10-31, 2020-05-29
and 2022-05-01); NB-IoT book list/10: the api-key must be the MasterKey.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from dataclasses import field
from datetime import datetime
from typing import Protocol
from urllib.parse import quote

from reconcile.model.errors import ReconcileError
from reconcile.model.late import dataclass
from reconcile.platforms.onenet.config import Connection, uses_master_key
from reconcile.platforms.onenet.model import Api
from reconcile.ports import Credentials

VERSIONS = {Api.CLASSIC: "2018-10-31", Api.STUDIO: "2020-05-29", Api.CURRENT: "2022-05-01"}


def token(key: bytes, *, version: str, resource: str, expires_at_s: int, method: str) -> str:
    """The value of the `authorization` header; `key` is the decoded access key, `expires_at_s` Unix seconds."""
    text = f"{expires_at_s}\n{method}\n{resource}\n{version}"
    sign = base64.b64encode(hmac.new(key, text.encode(), method).digest()).decode()
    parts = {"version": version, "res": resource, "et": str(expires_at_s), "method": method, "sign": sign}
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in parts.items())


class Signs(Protocol):
    """What authorises requests: with one issue of keys, or with whichever is current."""

    def headers(self, api: Api, expires_at: datetime) -> dict[str, str]:
        """The headers of one request. Raises: NotSent when the keys expired and there are no newer ones."""
        ...

    def is_token(self, api: Api) -> bool:
        """True when requests to that API carry a token, which can expire."""
        ...

    def issue(self) -> int:
        """The number of the keys that `headers` would use now. Raises: NotSent as `headers` does."""
        ...

    def renew(self, refused: int) -> bool:
        """After keys of that issue were refused: True when there are other keys now."""
        ...


class RenewingSigner:
    """Signs with the current issue of keys: all of them are read again when its number has changed."""

    def __init__(self, connection: Connection, credentials: Credentials) -> None:
        """Raises: ReconcileError when a key is missing or malformed."""
        self._connection, self._credentials = connection, credentials
        self._number = credentials.issue()
        self._signer = Signer.open(connection, credentials.get)

    def headers(self, api: Api, expires_at: datetime) -> dict[str, str]:
        """`api-key`, or a token that dies at `expires_at`, of the current keys."""
        self.issue()
        return self._signer.headers(api, expires_at)

    def is_token(self, api: Api) -> bool:
        """True when requests to that API carry a token."""
        return self._signer.is_token(api)

    def issue(self) -> int:
        """The number of the current keys, which are read when it is new."""
        number = self._credentials.issue()
        if number != self._number:
            self._signer = Signer.open(self._connection, self._credentials.get)
            self._number = number
        return number

    def renew(self, refused: int) -> bool:
        """Asks where the keys come from again."""
        return self._credentials.renew(refused)


@dataclass(frozen=True, slots=True)
class Signer:
    """Headers that authorise a request to each API of a connection, with keys that do not change."""

    master_key: str | None = field(repr=False)
    access_key: bytes | None = field(repr=False)
    resource: str
    method: str
    _recent: dict[tuple[Api, int], str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def open(cls, connection: Connection, credential: Callable[[str], str | None]) -> Signer:
        """A signer with the keys the connection needs. Raises: ReconcileError when one is missing or malformed."""
        master_key, access_key = None, None
        for api in connection.apis:
            if api is Api.CLASSIC and uses_master_key(connection) and (master_key := credential("masterKey")):
                _must_fit_a_header(master_key)
                continue
            access_key = access_key or _decoded(credential("accessKey"))
        resource = connection.resource or credential("resource") or ""
        if access_key is not None and not resource:
            raise ReconcileError("OneNET's tokens need credentials.resource, such as userid/38055", code="RCL411")
        return cls(master_key, access_key, resource, connection.token_method)

    def headers(self, api: Api, expires_at: datetime) -> dict[str, str]:
        """`api-key`, or a token that dies at `expires_at`, to the second below."""
        if api is Api.CLASSIC and self.master_key is not None:
            return {"api-key": self.master_key}
        return {"authorization": self._token(api, int(expires_at.timestamp()))}

    def is_token(self, api: Api) -> bool:
        """True when requests to that API carry a token, which can expire."""
        return not (api is Api.CLASSIC and self.master_key is not None)

    def issue(self) -> int:
        """One issue for ever."""
        return 0

    def renew(self, refused: int) -> bool:
        """Never."""
        del refused
        return False

    def _token(self, api: Api, expires_at_s: int) -> str:
        key = (api, expires_at_s)
        if key not in self._recent:  # requests of one second with one deadline have one token anyway
            assert self.access_key is not None
            self._recent.clear()
            self._recent[key] = token(
                self.access_key,
                version=VERSIONS[api],
                resource=self.resource,
                expires_at_s=expires_at_s,
                method=self.method,
            )
        return self._recent[key]


def _must_fit_a_header(master_key: str) -> None:
    if not (master_key.isascii() and master_key.isprintable()):
        raise ReconcileError("the credential masterKey holds a character that no HTTP header can carry", code="RCL411")


def _decoded(access_key: str | None) -> bytes:
    if not access_key:
        raise ReconcileError("OneNET needs the credential accessKey (or masterKey, classic API only)", code="RCL411")
    try:
        return base64.b64decode(access_key, validate=True)
    except ValueError:
        raise ReconcileError(
            "the credential accessKey is not base64, as OneNET prints it. Copy it again, whole.", code="RCL411"
        ) from None
