"""The progress of `status --wait`: one line that is drawn again on a terminal, a line for each change in a log."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from reconcile.cli.output import Console, is_terminal

if TYPE_CHECKING:
    from reconcile.runs.followed import Followed


class Following:
    """Told of every round; `last` is what the last one found."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._is_terminal = is_terminal(sys.stderr)
        self._began_s = time.monotonic()
        self._said = ""
        self.last: Followed | None = None

    def round(self, followed: Followed) -> None:
        """Shows how many devices still wait."""
        self.last = followed
        text = self._words(followed)
        if self._is_terminal:
            passed_s = int(time.monotonic() - self._began_s)
            click.echo(f"\r\x1b[2K{text} · {passed_s} s"[: self._console.width + 4], nl=False, err=True)
        elif text != self._said:
            click.echo(text, err=True)
        self._said = text

    def done(self) -> None:
        """Leaves a clean line."""
        if self._is_terminal and self._said:
            click.echo("\r\x1b[2K", nl=False, err=True)

    def _words(self, followed: Followed) -> str:
        if self._console.lang == "zh":
            lost = f"，{followed.lost:,} 台有未送达的下发" if followed.lost else ""
            return f"{followed.still_open:,} 台设备有未确认的下发{lost}"
        noun = "device" if followed.still_open == 1 else "devices"
        lost = f", {followed.lost:,} with lost ones" if followed.lost else ""
        return f"{followed.still_open:,} {noun} with unconfirmed deliveries{lost}"
