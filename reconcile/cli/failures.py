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
        _tell(f"{exc.code} error: {inert(str(exc))}")
    elif isinstance(exc, OSError):
        _tell(f"RCL400 error: {inert(str(exc))}")
    else:
        if is_verbose and sys.stderr is not None:
            traceback.print_exc(file=sys.stderr)
        click.echo(f"internal error: {type(exc).__name__}: {inert(str(exc))}", err=True)
        click.echo("This is a bug. Run again with -v for the traceback; the journal keeps what was begun.", err=True)
    return 1


def misused(exc: click.ClickException) -> int:
    """Prints what click has against the command line, and returns the exit code, 1: click's 2 would mean changes."""
    if isinstance(exc, getattr(click.exceptions, "NoArgsIsHelpError", ())):  # the help itself; since click 8.2
        exc.show()
        return 1
    if isinstance(exc, click.UsageError) and exc.ctx is not None:
        click.echo(exc.ctx.get_usage(), err=True)
        click.echo(f"Try '{exc.ctx.command_path} --help' for help.\n", err=True)
    _tell(f"Error: {exc.format_message()}")
    return 1


def _tell(text: str) -> None:
    """A sentence; on a terminal no word of it is broken at the edge."""
    from reconcile.cli.output import Console

    Console.of(lang="en").tell(text)


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
