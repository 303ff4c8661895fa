"""The user's mistakes as values: collected, sorted by place, printed at the end."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from reconcile.model.late import dataclass


class Severity(StrEnum):
    """Errors stop a run before anything is sent; warnings do not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a file: path relative to the manifest folder, line and column from 1 (0: the whole file)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"


NOWHERE = Span("")


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem: a stable code, a fixed summary, and a detail that says what, where, found, expected, what to do.

    `is_local`: about a device model, and so about the devices that have it; a plan can be made of all others.

    `summary` never holds the user's data; `detail` may, and is passed through the sanitiser before it is printed.
    Codes: RCL1xx manifest, 2xx model and plan, 3xx saved plan, 4xx platform, 5xx state, 6xx journal, 7xx safety.
    """

    code: str
    summary: str
    detail: str
    span: Span = NOWHERE
    severity: Severity = Severity.ERROR
    is_local: bool = False

    @property
    def is_error(self) -> bool:
        """True when a run must not go on."""
        return self.severity is Severity.ERROR


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Diagnostics by place, then code, each once."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda d: (d.span, d.code, d.detail)))


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """True when at least one of them is an error."""
    return any(d.is_error for d in diagnostics)
