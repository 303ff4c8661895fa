"""The only place that prints. Results go to standard output, everything about the work to standard error."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable
from typing import TextIO

import click

from reconcile.model.late import dataclass

_MIN_WIDTH, _MAX_WIDTH = 40, 120


@dataclass(frozen=True, slots=True)
class Console:
    """Language, width and colours of this invocation; colours only where a person looks."""

    lang: str
    width: int
    color: bool
    err_color: bool

    @classmethod
    def of(cls, *, lang: str | None, no_color: bool = False) -> Console:
        """From options, environment and terminal."""
        may_color = not no_color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        columns = shutil.get_terminal_size((80, 24)).columns
        return cls(
            lang=lang or _language(),
            width=max(_MIN_WIDTH, min(columns, _MAX_WIDTH)),
            color=may_color and is_terminal(sys.stdout),
            err_color=may_color and is_terminal(sys.stderr),
        )

    def say(self, text: str) -> None:
        """A result."""
        click.echo(text.rstrip("\n"), color=self.color)

    def stream(self, parts: Iterable[str]) -> None:
        """A long result, part by part."""
        for part in parts:
            click.echo(part, nl=False)

    def say_folded(self, text: str) -> None:
        """A result in sentences: on a terminal broken between words, in a pipe as it is."""
        self.say(fold(text, self.width) if is_terminal(sys.stdout) else text)

    def tell(self, text: str) -> None:
        """Something about the work; on a terminal broken between words."""
        if text:
            shown = text.rstrip("\n")
            click.echo(fold(shown, self.width) if is_terminal(sys.stderr) else shown, err=True, color=self.err_color)


def fold(text: str, width: int) -> str:
    """The text with lines of at most `width` columns; what a line began with in spaces, its continuation does too."""
    if all(len(line) <= width // 2 for line in text.split("\n")):
        return text
    from reconcile.report.style import columns_of, wrap

    folded = []
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip(" "))]
        fits = columns_of(line) <= width
        folded += [line] if fits else wrap(line.lstrip(" "), width, first=indent, rest=indent)
    return "\n".join(folded)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person is at the other end; a stream the caller closed (`>&-`) is None."""
    return stream is not None and stream.isatty()


def _language() -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


class Progress:
    """One line that tells how far the work is: redrawn on a terminal, repeated now and then in a log."""

    def __init__(self, console: Console, label: str) -> None:
        self._console = console
        self._label = label
        self._is_terminal = is_terminal(sys.stderr)
        self._started_s = self._last_s = time.monotonic()
        self._is_drawn = False

    def restart(self) -> None:
        """Measures the rate from now on."""
        self._started_s = time.monotonic()

    def show(self, done: int, total: int, note: str | Callable[[], str] = "") -> None:
        """Draws when it is time to; a note that costs something is asked for only then."""
        now_s = time.monotonic()
        pause_s = 0.1 if self._is_terminal else 5.0
        if now_s - self._last_s < pause_s:
            return
        self._last_s = now_s
        rate = done / max(now_s - self._started_s, 0.001)
        said = note if isinstance(note, str) else note()
        text = f"{self._label} {done}/{total}  {rate:.0f}/s  {said}".rstrip()[: self._console.width - 1]
        if self._is_terminal:
            click.echo(f"\r\x1b[2K{text}", nl=False, err=True)
            self._is_drawn = True
        else:
            click.echo(text, err=True)

    def done(self) -> None:
        """Leaves a clean line."""
        if self._is_drawn:
            click.echo("\r\x1b[2K", nl=False, err=True)
            self._is_drawn = False
