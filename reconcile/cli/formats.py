"""Plans in the formats of `--format`, to standard output or to files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.model.errors import ReconcileError

if TYPE_CHECKING:
    from reconcile.cli.output import Console
    from reconcile.model.diagnostic import Diagnostic
    from reconcile.model.plan import Plan

FORMATS = ("text", "json", "markdown", "html")

format_option = click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="F[=PATH]",
    help="text, json, markdown or html; with =PATH to a file. Repeatable; default text.",
)


def check_formats(formats: tuple[str, ...]) -> list[tuple[str, Path | None]]:
    """Format and path of each option. Raises: click.UsageError, before any work is done."""
    wanted = []
    for text in formats or ("text",):
        name, _, path = text.partition("=")
        if name not in FORMATS:
            raise click.UsageError(f"--format {text}: unknown format {name!r}; choose {', '.join(FORMATS)}")
        target = Path(path) if path else None
        if target is not None:
            check_target(f"--format {text}", target)
        wanted.append((name, target))
    return wanted


def check_target(option: str, path: Path) -> None:
    """Whether a file can be written there, as far as looking tells. Raises: ReconcileError, before any work is done."""
    try:
        parent = next(folder for folder in path.absolute().parents if folder.exists())
        if path.is_dir():
            fault = f"{path} is a folder. Name a file in it, such as {path / 'plan.out'}."
        elif not parent.is_dir():
            fault = f"{parent} is a file, not a folder. Name another place."
        elif not os.access(path if path.exists() else parent, os.W_OK):
            fault = f"writing to {path if path.exists() else parent} is not permitted. Name another place."
        else:
            return
    except OSError as exc:
        raise unwritable(option, exc) from exc
    raise ReconcileError(f"{option}: {fault}")


def unwritable(option: str, exc: OSError) -> ReconcileError:
    """What the system said when a file was to be written, as a sentence."""
    return ReconcileError(f"{option}: the file cannot be written: {exc.strerror or exc}. Name another place.")


def write_formats(
    console: Console, plan: Plan, wanted: Iterable[tuple[str, Path | None]], *, told: Iterable[Diagnostic] = ()
) -> None:
    """Writes the plan in every format asked for; diagnostics `told` on standard error are not repeated in text."""
    known = set(told)
    news = tuple(diagnostic for diagnostic in plan.diagnostics if diagnostic not in known)
    for name, path in wanted:
        if path is None:
            shown = replace(plan, diagnostics=news) if name == "text" else plan
            console.stream(_render(console, shown, name, color=console.color))
            continue
        give(console, _render(console, plan, name, color=False), f"--format {name}={path}", path)


def give(console: Console, parts: Iterable[str], option: str, path: Path | None) -> int:
    """A text to standard output, or whole to a file; through a link, and into a device or pipe, as it is. Returns 0.

    Raises: ReconcileError when it cannot be written.
    """
    if path is None:
        console.stream(parts)
        return 0
    from reconcile.runs.whole_file import replacing

    check_target(option, path)
    try:
        target = path.resolve()
        is_special = target.exists() and not target.is_file()
        with target.open("wb") if is_special else replacing(target) as file:
            for part in parts:
                file.write(part.encode("utf-8"))
    except OSError as exc:
        raise unwritable(option, exc) from exc
    return 0


def _render(console: Console, plan: Plan, name: str, *, color: bool) -> Iterable[str]:
    if name == "json":
        from reconcile.report.document import plan_json

        return plan_json(plan)
    if name == "markdown":
        from reconcile.report.comment.compose import plan_markdown

        return [plan_markdown(plan, lang=console.lang)]
    if name == "html":
        from reconcile.report.html.page import plan_page

        return plan_page(plan, lang=console.lang)
    from reconcile.report.text import plan_text

    return [plan_text(plan, lang=console.lang, color=color, width=console.width)]
