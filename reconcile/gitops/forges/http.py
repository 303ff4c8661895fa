"""One host's REST interface: pages, limits of rate, what may be repeated, and failures that say what to do."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import field
from typing import Final, Self
from urllib.parse import urlsplit

import httpx

from reconcile.gitops.forges.shapes import Shape
from reconcile.model.address import is_safe
from reconcile.model.errors import ReconcileError
from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject

_TIMEOUT_S: Final = 30.0
_ANSWER_BYTES: Final = 16 * 1024 * 1024
_PAGE: Final = 100
_MOST_PAGES: Final = 200
_TRIES: Final = 4
_LONGEST_WAIT_S: Final = 120.0
_NEXT: Final = re.compile(r'<([^>]+)>\s*;\s*rel="?next"?')


class ForgeError(ReconcileError):
    """The host refused, or could not be reached. `status` is 0 when no answer came."""

    code = "RCL444"

    def __init__(self, message: str, *, status: int = 0, may_have_landed: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.may_have_landed = may_have_landed


@dataclass(slots=True)
class Api:
    """A host with a token. Use as a context manager. `sleep` and `now` are those of `time` but in tests."""

    shape: Shape
    base: str
    token: str = field(repr=False)
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time
    transport: httpx.BaseTransport | None = None
    _client: httpx.Client | None = None

    def __post_init__(self) -> None:
        if not is_safe(self.base):
            raise ForgeError(f"{self.base or 'no address'} is no https:// address of a git host. Give --api-url.")
        self.base = self.base.rstrip("/")

    def __enter__(self) -> Self:
        token = {self.shape.header_name: f"{self.shape.scheme}{self.token}"}
        headers = {"user-agent": "reconcile", "accept": "application/json", **self.shape.headers, **token}
        self._client = httpx.Client(headers=headers, timeout=_TIMEOUT_S, trust_env=False, transport=self.transport)
        return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            self._client.close()

    def ask(self, method: str, path: str, body: JsonObject | None = None, **query: str | int) -> Json:
        """The answer's JSON. A GET is asked again after a failure, anything else only when the host turned it away.

        Raises: ForgeError.
        """
        return self._ask(method, f"{self.base}{path}", body, query)[0]

    def pages(self, path: str, **query: str | int) -> Iterator[JsonObject]:
        """Every object of a list, page by page. Raises: ForgeError."""
        address, asked, page = f"{self.base}{path}", {**query, "per_page": _PAGE, "page": 1}, 1
        for _ in range(_MOST_PAGES):
            found, headers = self._ask("GET", address, None, asked)
            listed = found if isinstance(found, list) else []
            yield from (one for one in listed if isinstance(one, dict))
            match self.shape.next_page:
                case "link":
                    following = _NEXT.search(headers.get("link", ""))
                    if following is None:
                        return
                    address, asked = self._here(following[1]), {}
                case "x-next-page":
                    if not headers.get("x-next-page", "").isdecimal():
                        return
                    asked["page"] = int(headers["x-next-page"])
                case _:
                    if len(listed) < _PAGE:
                        return
                    page += 1
                    asked["page"] = page

    def _here(self, address: str) -> str:
        """A next page of the same host: the token goes nowhere else."""
        ours, theirs = urlsplit(self.base), urlsplit(address)
        if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
            raise ForgeError(f"{self.shape.name} sent the next page to another host, {theirs.netloc}: not followed.")
        return address

    def _ask(
        self, method: str, address: str, body: JsonObject | None, query: dict[str, str | int]
    ) -> tuple[Json, httpx.Headers]:
        waited_s = 0.0
        for number in range(1, _TRIES + 1):
            try:
                answer, content = self._exchange(method, address, body, query)
            except httpx.HTTPError as exc:
                never_left = isinstance(exc, httpx.ConnectError | httpx.ConnectTimeout)
                if number == _TRIES or not (method == "GET" or never_left):
                    raise self._unreached(exc, may_have_landed=method != "GET" and not never_left) from None
                pause_s = float(number)
            else:
                if answer.is_success:
                    return _json(content), answer.headers
                pause = self._pause(answer, content, number, method)
                if pause is None or number == _TRIES or waited_s + pause > _LONGEST_WAIT_S:
                    raise self._refused(method, answer, content)
                pause_s = pause
            self.sleep(pause_s)
            waited_s += pause_s
        raise AssertionError("the last try returns or raises")

    def _exchange(
        self, method: str, address: str, body: JsonObject | None, query: dict[str, str | int]
    ) -> tuple[httpx.Response, bytes]:
        assert self._client is not None, "used as a context manager"
        params = query or None
        with self._client.stream(method, address, json=body, params=params, follow_redirects=False) as answer:
            content = bytearray()
            for chunk in answer.iter_bytes():
                content += chunk
                if len(content) > _ANSWER_BYTES:
                    raise httpx.DecodingError("the answer is longer than any of this host")
            return answer, bytes(content)

    def _pause(self, answer: httpx.Response, content: bytes, number: int, method: str) -> float | None:
        """How long to wait before asking again, by GitHub's rules; None when that is of no use."""
        status, headers = answer.status_code, answer.headers
        is_limit = status == 429 or (status == 403 and _is_about_rate(headers, content))
        if is_limit:
            if headers.get("retry-after", "").isdecimal():
                return float(headers["retry-after"])
            if headers.get("x-ratelimit-remaining") == "0" and headers.get("x-ratelimit-reset", "").isdecimal():
                return max(1.0, int(headers["x-ratelimit-reset"]) - self.now())
            return 60.0 * number
        return float(number) if status >= 500 and method == "GET" else None

    def _unreached(self, exc: httpx.HTTPError, *, may_have_landed: bool) -> ForgeError:
        host = urlsplit(self.base).netloc
        return ForgeError(
            f"{self.shape.name} at {host} could not be reached: {type(exc).__name__}. Check network and --api-url.",
            may_have_landed=may_have_landed,
        )

    def _refused(self, method: str, answer: httpx.Response, content: bytes) -> ForgeError:
        status, said = answer.status_code, _said(content).replace(self.token, "***")
        needed = self.shape.permission
        advice = {
            401: f"The token is not valid. Set {' or '.join(self.shape.token_names)}.",
            403: f"The token lacks {needed}, or the host limits the rate.",
            404: f"There is no such repository or number, or the token may not see it: it needs {needed}.",
            410: "Comments or issues are switched off for this repository.",
            413: "The text is longer than the host takes.",
            422: "The host takes no such text: too long, or the pull request is locked.",
            429: "The host limits the rate. Run again later.",
        }.get(status, "The host has a fault of its own; run again later." if status >= 500 else "")
        if 300 <= status < 400:
            advice = "It points elsewhere, which is not followed with a token. The repository may have moved."
        told = f"{self.shape.name} answered {method} with HTTP {status}{f': {said}' if said else ''}. {advice}"
        return ForgeError(told.rstrip(), status=status, may_have_landed=status >= 500 and method != "GET")


def _is_about_rate(headers: httpx.Headers, content: bytes) -> bool:
    return "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0" or b"rate limit" in content.lower()


def _said(content: bytes) -> str:
    body = _json(content)
    words = body.get("message") or body.get("error") or "" if isinstance(body, dict) else ""
    return (words if isinstance(words, str) else json.dumps(words))[:300]


def _json(content: bytes) -> Json:
    try:
        found: Json = json.loads(content) if content else None
    except (ValueError, RecursionError):
        return None
    return found
