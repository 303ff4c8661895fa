"""Strict YAML: text to positioned nodes. A plain scalar keeps its text; what it means is for the schema to say.

Refused, each with its place: duplicate keys, anchors, aliases, merge keys, tags, keys that are not scalars. As aliases
are never expanded, a YAML bomb is just a file with forbidden aliases. After such an error reading goes on; a syntax
error or a limit ends the file, documents before it still count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from sys import intern
from typing import TYPE_CHECKING, Any, TypeAlias

from reconcile.manifest import codes
from reconcile.manifest.codes import problem
from reconcile.manifest.strict import text_of
from reconcile.manifest.suggest import name_of
from reconcile.model.diagnostic import Diagnostic, Severity, Span
from reconcile.model.late import dataclass

if TYPE_CHECKING:
    from yaml import events as ev

MAX_DEPTH = 32
MAX_NODES = 100_000
MAX_SCALAR_BYTES = 1 << 16


@dataclass(slots=True)
class Scalar:
    """A scalar as written; `is_plain` when it stood without quotes. Lines and columns from 1."""

    text: str
    is_plain: bool
    line: int
    column: int


@dataclass(slots=True)
class Listing:
    """A sequence."""

    items: list[Node]
    line: int
    column: int


@dataclass(slots=True)
class Mapping:
    """A mapping: key text to (line and column of the key, node)."""

    members: dict[str, tuple[int, int, Node]]
    line: int
    column: int


@dataclass(slots=True)
class Refused:
    """Stands where an alias stood; reported already, so nothing else is said about it."""

    line: int
    column: int


Node: TypeAlias = Scalar | Listing | Mapping | Refused


@dataclass(slots=True)
class Parsed:
    """What one file holds. `is_whole` is False when reading stopped early, so documents may be missing.

    `damaged` holds the indexes of documents from which something was refused, so members may be missing; `nodes` is
    how many values and keys there are.
    """

    documents: list[Node] = field(default_factory=list)
    damaged: set[int] = field(default_factory=set)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    is_whole: bool = True
    nodes: int = 0


def read(name: str, content: bytes, *, is_pure: bool = False) -> Parsed:
    """The documents of a file as nodes, and everything the strict rules refuse. Empty documents are left out."""
    if not content:
        detail = "The file has 0 bytes. Delete it, or restore its content from git."
        return Parsed(diagnostics=[problem(codes.EMPTY, detail, Span(name))])
    text, diagnostics = text_of(name, content)
    if diagnostics:
        return Parsed(diagnostics=diagnostics, is_whole=False)
    parsed = read_text(name, text, is_pure=is_pure)
    if not parsed.documents and not parsed.diagnostics:
        detail = "The file holds only comments or blank lines. Add a document, or delete the file."
        parsed.diagnostics.append(problem(codes.EMPTY, detail, Span(name, 1, 1), Severity.WARNING))
    return parsed


def read_text(name: str, text: str, *, is_pure: bool = False) -> Parsed:
    """The same of a text that has passed `strict.text_of`, or of a part of one."""
    return _Builder(name).build(text, is_pure=is_pure)


class _Stop(Exception):
    """A limit was passed; the file is read no further."""


_DROPPED = "\0"
"""Pending key of a member that was refused: its value is read and thrown away. No real key holds a NUL alone."""


@dataclass(slots=True)
class _Frame:
    """An open collection; `key` is the key that waits for its value."""

    node: Listing | Mapping
    is_key: bool = False
    key: str | None = None
    key_line: int = 0
    key_column: int = 0


class _Builder:
    """Builds the nodes of one file from its events."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._parsed = Parsed()
        self._root: Node | None = None
        self._told_before = 0
        self._stack: list[_Frame] = []
        self._count = 0
        from yaml import events as ev  # a run that knows its files already reads none

        self._handlers: dict[type[ev.Event], Callable[[Any], None]] = {
            ev.ScalarEvent: self._scalar,
            ev.AliasEvent: self._alias,
            ev.MappingStartEvent: self._open_mapping,
            ev.SequenceStartEvent: self._open_listing,
            ev.MappingEndEvent: self._close,
            ev.SequenceEndEvent: self._close,
            ev.DocumentStartEvent: self._start_document,
            ev.DocumentEndEvent: self._end_document,
        }

    def build(self, text: str, *, is_pure: bool) -> Parsed:
        from reconcile.manifest.events import SyntaxProblem, events

        handlers = self._handlers
        try:
            for event in events(text, is_pure=is_pure):
                handler = handlers.get(type(event))
                if handler is not None:
                    handler(event)
        except SyntaxProblem as exc:
            self._say(codes.SYNTAX, exc.line, exc.column, exc.detail)
            self._parsed.is_whole = False
        except _Stop:
            self._parsed.is_whole = False
        self._parsed.nodes = self._count
        return self._parsed

    def _start_document(self, event: ev.DocumentStartEvent) -> None:
        self._told_before = len(self._parsed.diagnostics)
        if event.tags:
            self._refuse(event, "a `%TAG` line", "Remove it.")
        if event.version is not None and tuple(event.version) != (1, 2):
            self._refuse(event, "a `%YAML` line of another version", "Manifests are YAML 1.2. Remove it.")

    def _end_document(self, _: ev.DocumentEndEvent) -> None:
        if self._root is not None:
            if len(self._parsed.diagnostics) > self._told_before:
                self._parsed.damaged.add(len(self._parsed.documents))
            self._parsed.documents.append(self._root)
        self._root = None

    def _scalar(self, event: ev.ScalarEvent) -> None:
        self._check(event)
        text = event.value
        line, column = _place(event)
        if len(text) > MAX_SCALAR_BYTES // 4:
            self._check_size(text, line, column)
        is_plain = not event.style
        if not is_plain and not text.isascii() and _has_surrogate(text):
            self._say(
                codes.SYNTAX, line, column, "Half of a surrogate pair is not a character. Write it as \\UXXXXXXXX."
            )
            self._add(Refused(line, column))
            return
        frame = self._stack[-1] if self._stack else None
        if frame is not None and frame.key is None and type(frame.node) is Mapping:
            self._take_key(frame, frame.node, text, line, column, is_plain=is_plain)
            return
        node = Scalar(text, is_plain, line, column)
        if frame is None and is_plain and not text:
            return
        self._add(node)

    def _take_key(self, frame: _Frame, node: Mapping, text: str, line: int, column: int, *, is_plain: bool) -> None:
        text = intern(text)  # thousands of documents have the same keys
        frame.key, frame.key_line, frame.key_column = text, line, column
        known = node.members.get(text)
        if known is not None:
            frame.key = _DROPPED
            detail = f"Key {name_of(text)} stands at line {known[0]} already. Keep one of the two."
            self._say(codes.DUPLICATE_KEY, line, column, detail)
        elif is_plain and text == "<<":
            frame.key = _DROPPED
            self._say(codes.FORBIDDEN_YAML, line, column, _refusal("the merge key `<<`", "Write the members out."))
        elif is_plain and not text:
            frame.key = _DROPPED
            self._say(codes.SYNTAX, line, column, "Found `:` without a key before it. Write `key: value`.")
        elif text == _DROPPED:
            self._say(codes.FORBIDDEN_CHARACTER, line, column, "A key may not hold a NUL character. Rename it.")

    def _alias(self, event: ev.AliasEvent) -> None:
        advice = "Write the value out; use a Profile for what many devices share."
        self._refuse(event, f"the alias {name_of('*' + str(event.anchor))}", advice)
        frame = self._stack[-1] if self._stack else None
        if frame is not None and frame.key is None and type(frame.node) is Mapping:
            frame.key = _DROPPED
        else:
            self._add(Refused(*_place(event)))

    def _open_mapping(self, event: ev.MappingStartEvent) -> None:
        self._open(event, Mapping({}, *_place(event)))

    def _open_listing(self, event: ev.SequenceStartEvent) -> None:
        self._open(event, Listing([], *_place(event)))

    def _open(self, event: ev.CollectionStartEvent, node: Listing | Mapping) -> None:
        self._check(event)
        frame = self._stack[-1] if self._stack else None
        is_key = frame is not None and frame.key is None and type(frame.node) is Mapping
        if is_key:
            self._refuse(
                event, "a key that is a list or a mapping", 'Keys are text; quote it if it starts with "{" or "[".'
            )
        else:
            self._add(node)
        self._stack.append(_Frame(node, is_key))
        if len(self._stack) > MAX_DEPTH:
            detail = f"Collections are nested deeper than {MAX_DEPTH} levels. Flatten the document."
            self._say(codes.LIMIT, node.line, node.column, detail)
            raise _Stop

    def _close(self, _: ev.CollectionEndEvent) -> None:
        if self._stack.pop().is_key:
            self._stack[-1].key = _DROPPED

    def _add(self, node: Node) -> None:
        if not self._stack:
            self._root = node
            return
        frame = self._stack[-1]
        owner = frame.node
        if type(owner) is Listing:
            owner.items.append(node)
        elif type(owner) is Mapping and frame.key is not None:
            if frame.key != _DROPPED:
                owner.members[frame.key] = (frame.key_line, frame.key_column, node)
            frame.key = None

    def _check(self, event: ev.ScalarEvent | ev.CollectionStartEvent) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            detail = f"The file has more than {MAX_NODES:,} values and keys. Split it, or list devices in an inventory."
            self._say(codes.LIMIT, *_place(event), detail)
            raise _Stop
        if event.anchor is not None:
            advice = "Remove it; use a Profile for what many devices share."
            self._refuse(event, f"the anchor {name_of('&' + event.anchor)}", advice)
        if event.tag is not None:
            self._refuse(event, f"the tag {name_of(event.tag)}", "Remove it; write text in quotes.")

    def _check_size(self, text: str, line: int, column: int) -> None:
        size_bytes = len(text.encode("utf-8", "surrogatepass"))
        if size_bytes > MAX_SCALAR_BYTES:
            detail = f"A value has {size_bytes:,} bytes, the limit is {MAX_SCALAR_BYTES:,} (64 KiB). Shorten it."
            self._say(codes.LIMIT, line, column, detail)

    def _refuse(self, event: ev.Event, what: str, advice: str) -> None:
        self._say(codes.FORBIDDEN_YAML, *_place(event), _refusal(what, advice))

    def _say(self, code: str, line: int, column: int, detail: str) -> None:
        self._parsed.diagnostics.append(problem(code, detail, Span(self._name, line, column)))


def _refusal(what: str, advice: str) -> str:
    return f"Found {what}: a manifest must read the same to everybody who reviews it. {advice}"


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


def _place(event: ev.Event) -> tuple[int, int]:
    mark: Any = event.start_mark
    return mark.line + 1, mark.column + 1
