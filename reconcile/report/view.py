"""How a report is shown: language, colour and width in one value, and the finish that every text gets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from reconcile.model.late import dataclass
from reconcile.report.messages import Texts, translate
from reconcile.report.sanitise import guarded
from reconcile.report.style import Style, flow, wrap

NARROWEST = 40


@dataclass(frozen=True, slots=True)
class View:
    """What a text report needs to know of its reader."""

    texts: Texts
    style: Style
    width: int

    @classmethod
    def of(cls, lang: str, *, color: bool = False, width: int = 80) -> View:
        """The view of a language, a terminal and its width."""
        return cls(translate(lang), Style(color), max(width, NARROWEST))

    def paint(self, role: str, text: str) -> str:
        """The text in the colour of its role."""
        return self.style.paint(role, text)

    def wrap(self, text: str, indent: str = "", hanging: str | None = None) -> list[str]:
        """Lines within the width; `hanging` begins the lines after the first."""
        return wrap(text, self.width, first=indent, rest=indent if hanging is None else hanging)

    def flow(self, parts: Iterable[str], indent: str, hanging: str | None = None) -> list[str]:
        """Facts side by side with a dot between, none broken where it fits on a line."""
        return flow(parts, self.width, first=indent, rest=indent if hanging is None else hanging)

    def title(self, text: str) -> list[str]:
        """An empty line and a heading."""
        return ["", *self.wrap(self.paint("bold", text))]


def finish(lines: Iterable[str]) -> str:
    """The lines as one text that ends with a line break and gives no CI runner a command."""
    return "".join(f"{guarded(line.rstrip())}\n" for line in lines)


def moment(at: datetime) -> str:
    """`2026-11-22 08:00:00 UTC`."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def age(seconds: float, texts: Texts) -> str:
    """`45s`, `3m`, `5h 1m`, `2d 4h`: whole units, and below an hour only one."""
    whole = max(0, int(seconds))
    minutes, hours, days = whole // 60, whole // 3600, whole // 86_400
    if not minutes:
        return texts("unit.second", n=whole)
    if not hours:
        return texts("unit.minute", n=minutes)
    if not days:
        return _two(texts("unit.hour", n=hours), texts("unit.minute", n=minutes % 60), minutes % 60)
    return _two(texts("unit.day", n=days), texts("unit.hour", n=hours % 24), hours % 24)


def _two(larger: str, smaller: str, n: int) -> str:
    return f"{larger} {smaller}" if n else larger


def when(texts: Texts, at: datetime, now: datetime) -> str:
    """`3m ago` or `in 2d 4h`."""
    seconds = (at - now).total_seconds()
    key = "time.in" if seconds > 0 else "time.ago"
    return texts(key, age=age(abs(seconds), texts))
