"""What travels between a dialect and the rooms that ask it: problems, typed values, files, configuration."""

from __future__ import annotations

from dataclasses import dataclass

from reconcile.model.diagnostic import Span
from reconcile.model.values import Json, JsonObject


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a value or path, without its place: the manifest room adds file, line and device.

    `line` and `column` (from 1; 0: the whole file) are for what is wrong inside a device model's own file.
    """

    code: str
    summary: str
    detail: str
    is_warning: bool = False
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class TypedValue:
    """A value in the dialect's canonical form, with the type that must travel with it, if any."""

    value: Json
    value_type: str | None = None


@dataclass(frozen=True, slots=True)
class NamedBytes:
    """A file's content; `name` is its path relative to the manifest folder, with `/`.

    is_condensed: the content is what `CondensesModels.condense` made of the file.
    """

    name: str
    content: bytes
    is_condensed: bool = False


@dataclass(frozen=True, slots=True)
class PlatformConfig:
    """One entry of `platforms:` after validation. `spec` is its YAML as JSON; credentials hold names, never values."""

    name: str
    type: str
    spec: JsonObject
    requests_per_second: float
    span: Span
