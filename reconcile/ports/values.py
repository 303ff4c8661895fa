"""What travels between a dialect and the rooms that ask it: problems, typed values, files, configuration."""

from __future__ import annotations

from typing import Protocol

from reconcile.model.diagnostic import Span
from reconcile.model.late import dataclass
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


class Content(Protocol):
    """Bytes that are in memory, or on disk and read where they are asked for. Places are from 0 on."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> bytes: ...

    def find(self, wanted: bytes, start: int = ..., end: int | None = ..., /) -> int:
        """Where the first of these bytes stand; -1 when nowhere."""
        ...

    def count(self, wanted: bytes, start: int = ..., end: int | None = ..., /) -> int:
        """How often these bytes stand there, which cannot overlap themselves."""
        ...


class NamedContent(Protocol):
    """An inventory. `NamedBytes` are one, too; of a large one little is in memory at a time."""

    @property
    def name(self) -> str:
        """Its path relative to the manifest folder, with `/`."""
        ...

    @property
    def content(self) -> Content:
        """What it holds."""
        ...


@dataclass(frozen=True, slots=True)
class PlatformConfig:
    """One entry of `platforms:` after validation. `spec` is its YAML as JSON; credentials hold names, never values."""

    name: str
    type: str
    spec: JsonObject
    requests_per_second: float
    span: Span
