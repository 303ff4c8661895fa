"""What the hosts take: how long a text may be and in what it is counted, and which of their extensions we use."""

from __future__ import annotations

from collections.abc import Callable

from reconcile.model.late import dataclass


def utf16_units(text: str) -> int:
    """Units as JavaScript, Java and .NET count a text; an emoji outside the basic plane is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf8_bytes(text: str) -> int:
    """Bytes; a Chinese character is three."""
    return len(text.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Host:
    """A place for Markdown. `limit` is counted by `measure`; `has_alerts`: `> [!CAUTION]` is drawn as a box."""

    name: str
    limit: int
    measure: Callable[[str], int]
    has_alerts: bool = False


GITHUB = Host("github", 65_536, utf16_units, has_alerts=True)
"""GitHub answers 422 "Body is too long (maximum is 65536 characters)". What it counts is not documented; UTF-16 units
are never fewer than characters, and 65,536 of them never more than the 262,144 bytes its column is said to hold."""

GITLAB = Host("gitlab", 1_000_000, utf8_bytes, has_alerts=True)
"""GitLab, instance limits: 1 MB for a comment, formerly 1,000,000 characters; counted in bytes both hold."""

GITEE = Host("gitee", 65_535, utf8_bytes)
"""Assumed: Gitee publishes no limit. A MySQL TEXT column holds as much, and Alibaba Cloud's Codeup documents 65,535."""

GITEA = Host("gitea", 65_535, utf8_bytes, has_alerts=True)
"""Gitea on MySQL kept comments in a TEXT column, 65,535 bytes (go-gitea/gitea issue 16656); newer ones hold more."""

SUMMARY = Host("summary", 900 * 1024, utf8_bytes, has_alerts=True)
"""GitHub drops a step's summary above 1,024 KiB ("upload aborted"); the rest is for what else the step writes."""

FILE = Host("file", 60_000, utf8_bytes)
"""Markdown for any other place: short enough to be pasted into each of them."""

HOSTS = {host.name: host for host in (GITHUB, GITLAB, GITEE, GITEA)}
