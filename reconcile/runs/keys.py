"""Keys of cloud accounts: from variables, files and providers, as the manifest names them; never kept or printed.

Keys are read all at once: what belongs together is one issue. An issue is read again when it is about to expire, and
when a cloud refused it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reconcile.model.diagnostic import Diagnostic
from reconcile.model.errors import NotSent
from reconcile.ports import PlatformConfig
from reconcile.runs import wiring
from reconcile.runs.keys_read import Asked, Issue, declared, provider_of, read_issue

_MARGIN = timedelta(seconds=60)
"""How long before their end keys are asked for again: longer than a request takes."""

_PAUSE = timedelta(seconds=10)
"""Between two tries to renew: thousands of requests may find at once that their keys ended."""


class NamedKeys:
    """`ports.Credentials` of one platform. File paths are absolute, or relative to the manifest folder."""

    def __init__(
        self,
        config: PlatformConfig,
        environ: Mapping[str, str],
        folder: Path,
        *,
        now: Callable[[], datetime] = wiring.utc_now,
        names: Sequence[str] = (),
    ) -> None:
        self._asked = Asked(config, environ, folder, names)
        self._now = now
        self._issue: Issue | None = None
        self._number = 0
        self._next_try = datetime.min.replace(tzinfo=UTC)

    def get(self, name: str) -> str | None:
        """The credential, or None when it is not declared, or not there."""
        return self._current().values.get(name)

    def issue(self) -> int:
        """The number of the current issue. Raises: NotSent when it expired and there is no newer one."""
        issue = self._current()
        if issue.expires is not None and issue.expires - self._now() <= _MARGIN:
            self._try_again()
            issue = self._current()
            if issue.expires is not None and issue.expires <= self._now():
                why = "; ".join(fault.why for fault in issue.faults)
                name = self._asked.config.name
                raise NotSent(
                    f"the keys of {name} expired at {issue.expires.isoformat()}" + (f": {why}" if why else "")
                )
        return self._number

    def renew(self, refused: int) -> bool:
        """Reads all keys again, unless that was done since; True when there are others now."""
        if refused == self._number:
            self._try_again()
        return refused != self._number

    def problems(self, required: Sequence[str]) -> Iterator[Diagnostic]:
        """What is missing, unusable or expired, for the names that a call needs and those declared without `optional`.

        A provider is asked; nothing else is.
        """
        issue = self._current()
        names = {fault.name for fault in issue.faults}
        for fault in issue.faults:
            if not fault.is_optional or fault.name in required:
                yield self._told(fault.code, fault.name, fault.why)
        for name in required:
            if name not in issue.values and name not in names and "" not in names:
                yield self._told("RCL411", name, self._undeclared(name))
        if issue.expires is not None and issue.expires <= self._now():
            yield self._told("RCL412", issue.first_to_end, f"it expired at {issue.expires.isoformat()}; get a new one")

    def _current(self) -> Issue:
        if self._issue is None:
            self._issue, self._number = read_issue(self._asked), 1
        return self._issue

    def _try_again(self) -> None:
        """Reads again; keeps what there is where nothing better comes."""
        if self._now() < self._next_try:
            return
        self._next_try = self._now() + _PAUSE
        older = self._current()
        newer = read_issue(self._asked)
        if not newer.values.keys() >= older.values.keys():
            self._issue = older.with_faults(newer.faults)
            return
        self._number += newer.values != older.values
        self._issue = newer

    def _undeclared(self, name: str) -> str:
        provider = provider_of(self._asked.config)
        return f"credentials.{name} is not declared" if provider is None else f"provider {provider} issued no {name}"

    def _told(self, code: str, name: str, why: str) -> Diagnostic:
        config = self._asked.config
        about = f"credentials.{name}" if name in declared(config) else "credentials"
        detail = f"platform {config.name}, {about}: {why}. Nothing was sent."
        return Diagnostic(code, _SUMMARIES[code], detail, config.span)


_SUMMARIES = {
    "RCL411": "credential missing",
    "RCL412": "credential has expired",
    "RCL415": "credentials provider cannot be used",
}
