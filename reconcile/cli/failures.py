"""Failures that end a command: what they say, and the exit code."""

from __future__ import annotations

import os
import sys
import traceback

import click

from reconcile.model.errors import ReconcileError
from reconcile.report.sanitise import inert


def explain(exc: Exception, *, is_verbose: bool) -> int:
    """Prints a failure to standard error and returns the exit code, 1."""
    from reconcile.runs.session import InputRejectedError

    if isinstance(exc, InputRejectedError):
        from reconcile.cli.output import Console
        from reconcile.report.diagnostics import diagnostics_text

        console = Console.of(lang=_lang())
        console.tell(diagnostics_text(exc.diagnostics, lang=console.lang, color=console.err_color, width=console.width))
    elif isinstance(exc, ReconcileError):
        click.echo(f"{exc.code} error: {inert(str(exc))}", err=True)
    elif isinstance(exc, OSError):
        click.echo(f"RCL400 error: {inert(str(exc))}", err=True)
    else:
        if is_verbose and sys.stderr is not None:
            traceback.print_exc(file=sys.stderr)
        click.echo(f"internal error: {type(exc).__name__}: {inert(str(exc))}", err=True)
        click.echo("This is a bug. Run again with -v for the traceback; the journal keeps what was begun.", err=True)
    return 1


def interrupted() -> int:
    """Says that Ctrl-C ended the command, and returns the exit code, 130."""
    from reconcile.cli.output import Console

    console = Console.of(lang=_lang())
    console.tell("已中断" if console.lang == "zh" else "interrupted")
    return 130


def _lang() -> str | None:
    for position, word in enumerate(sys.argv):
        if word == "--lang" and position + 1 < len(sys.argv):
            return sys.argv[position + 1]
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
    return os.environ.get("RECONCILE_LANG")
