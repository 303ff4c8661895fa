"""YAML events from libyaml (or PyYAML's own parser where that is missing), and its complaints in our words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import Event, StreamEndEvent
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

_TABS = "Tabs may not indent. Use spaces."
_ADVICE: tuple[tuple[str, str], ...] = (
    ("tab character", _TABS),
    ("'\\t'", _TABS),
    ("mapping values are not allowed", "Found `: ` inside a value. Put the value in quotes, or mend the indentation."),
    ("',' or '}'", "A mapping opened with `{` has no `}` or lacks a comma. Close it."),
    ("',' or ']'", "A list opened with `[` has no `]` or lacks a comma. Close it."),
    ("expected '-' indicator", "A list goes on with something that is not an item. Mend the indentation or add `- `."),
    ("expected <document start>", "Text after the end of a document. Put `---` between documents."),
    ("expected '<document start>'", "Text after the end of a document. Put `---` between documents."),
    ("expected key", "The indentation does not fit the lines above. Align the key with its neighbours."),
    ("expected <block end>", "The indentation does not fit the lines above. Align the key with its neighbours."),
    ("expected ':'", "Found a key without a value. Write `key: value`."),
    ("end of stream", "A quoted text is not closed. Add the closing quote."),
    ("document separator", "A quoted text is not closed. Add the closing quote."),
    ("escape", "In double quotes a backslash starts an escape. Write `\\\\`, or use single quotes."),
    ("tag handle", "Tags are not allowed. Remove the `!...`."),
    ("incompatible", "Manifests are YAML 1.2. Remove the `%YAML` line."),
    ("directive", "Lines that start with `%` are not allowed. Remove it, or quote the value."),
    ("found undefined", "Tags are not allowed. Remove the `!...`."),
    ("node content", "Found nothing where a value should stand. Close the `{` or `[`, or add the value."),
    ("nesting", "Collections are nested too deep."),
)


class SyntaxProblem(Exception):
    """The text is not YAML. Line and column from 1."""

    def __init__(self, line: int, column: int, detail: str) -> None:
        super().__init__(detail)
        self.line, self.column, self.detail = line, column, detail


class _PureParser(Reader, Scanner, Parser):
    """What PyYAML's Loader is without construction."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


def events(text: str, *, is_pure: bool = False) -> Iterator[Event]:
    """All parse events of a text. `is_pure` forces the slow parser. Raises: SyntaxProblem."""
    parser = _parser(text, is_pure=is_pure)
    try:
        while True:
            event = parser.get_event()
            yield event
            if type(event) is StreamEndEvent:
                return
    except YAMLError as exc:
        raise _explained(exc, text) from exc
    finally:
        parser.dispose()


def _parser(text: str, *, is_pure: bool) -> Any:
    if not is_pure:
        try:
            from yaml._yaml import CParser
        except ImportError:
            pass
        else:
            return CParser(text)
    return _PureParser(text)


def _explained(exc: YAMLError, text: str) -> SyntaxProblem:
    """The complaint of libyaml with what to do. An unclosed thing is placed where it was opened, not at the end."""
    mark = getattr(exc, "problem_mark", None)
    said = str(getattr(exc, "problem", None) or getattr(exc, "reason", "") or "unreadable")
    if not isinstance(exc, MarkedYAMLError) or mark is None:
        return SyntaxProblem(1, 1, f"The YAML parser says: {said}.")
    advice = next((words for part, words in _ADVICE if part in said), f"The YAML parser says: {said}.")
    if "cannot start any token" in said:
        advice = _bad_start(text, mark.index)
    written = text.rstrip()
    is_open_end = said.endswith("end of stream") or mark.index >= len(written)
    if is_open_end and exc.context_mark is not None:
        mark = exc.context_mark
    if mark.index < len(written):
        return SyntaxProblem(mark.line + 1, mark.column + 1, advice)
    return SyntaxProblem(written.count("\n") + 1, max(len(written) - written.rfind("\n") - 1, 1), advice)


def _bad_start(text: str, index: int) -> str:
    found = text[index : index + 1]
    return _TABS if found == "\t" else f"A value may not start with `{found}`. Put it in quotes."
