"""`reconcile import`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli.context import Invocation, pass_invocation
from reconcile.cli.output import Progress

if TYPE_CHECKING:
    from reconcile.report.adoption import ImportFacts
    from reconcile.runs.adoption.importing import Imported

_MOST_LINES_BYTES = 64 * 1024 * 1024


@click.command("import")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="A new folder to write.")
@click.option("--list", "names", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE",
              help="Only the devices of this file: a name, IMEI or platform/name a line.")  # fmt: skip
@click.option("-l", "--selector", metavar="SELECTOR", help="Only declared devices with these labels.")
@click.option("--device", "devices", multiple=True, metavar="DEVICE", help="Only these; patterns allowed.")
@click.option("--exclude", multiple=True, metavar="DEVICE", help="Leave devices out; patterns allowed.")
@click.option("--product", "products", multiple=True, metavar="KEY", help="Only devices of these products.")
@click.option("--platform", "platforms", multiple=True, metavar="NAME", help="Only devices of these platforms.")
@click.option("--listed", is_flag=True, help="Take the devices that the clouds list, not only declared ones.")
@click.option("--reads", type=click.IntRange(min=0), default=1000, show_default=True, metavar="CALLS",
              help="Most calls to devices themselves, for values no cloud keeps; 0 for none.")  # fmt: skip
@click.option("--partial", is_flag=True, help="Write what is known although some devices could not be read.")
@click.option("--record", "is_recorded", is_flag=True,
              help="Record the values in the new fleet's state, so that its first plan is empty.")  # fmt: skip
@pass_invocation
def command(
    invocation: Invocation,
    out: Path,
    names: Path | None,
    selector: str | None,
    devices: tuple[str, ...],
    exclude: tuple[str, ...],
    products: tuple[str, ...],
    platforms: tuple[str, ...],
    listed: bool,
    reads: int,
    partial: bool,
    is_recorded: bool,
) -> int:
    """Write layered manifests for devices that already exist, and prove them with an empty plan.

    The Fleet document and the device models are taken from --manifests; devices from its inventories, or with --listed
    from the clouds. Nothing is sent to change anything. Interrupted, the same command goes on.

    Exit codes: 0 written and proven, 1 nothing written (why is told).
    """
    from reconcile.cli.scope import scope_of
    from reconcile.report.adoption import import_text, unfinished_text
    from reconcile.runs.adoption.choose import Choice
    from reconcile.runs.adoption.importing import Wish, check_folder, run_import

    check_folder(out)
    console = invocation.console
    progress = Progress(console, "reading devices")
    scope = scope_of(selector, devices, (), exclude)
    choice = Choice(scope.has_device, _lines(names), products, platforms, listed)
    wish = Wish(out, choice, reads, is_partial=partial, is_recorded=is_recorded, progress=progress.show)
    with invocation.open(plans_with="changed") as session:
        try:
            imported = run_import(session, wish)
        finally:
            progress.done()
    if imported.written is None:
        console.tell(unfinished_text(_facts(imported), len(imported.unread), lang=console.lang))
        return 1
    left = 0
    recorded, known = None, 0
    if is_recorded:
        recorded, known, left = _record(invocation, out, imported)
    console.say_folded(import_text(_facts(imported, recorded, known), lang=console.lang))
    if left:
        told = (
            "状态库中的计划仍涉及 {} 台设备：请查看 {}"
            if console.lang == "zh"
            else "A plan still has {} devices: see {}"
        )
        console.tell(told.format(left, f"`reconcile --manifests {out} plan`."))
    return 1 if left else 0


def _lines(file: Path | None) -> list[str] | None:
    """The names of a file; blank lines and those that begin with # are passed over. Raises: click.UsageError."""
    if file is None:
        return None
    if file.stat().st_size > _MOST_LINES_BYTES:
        raise click.UsageError(f"--list {file}: larger than 64 MiB.")
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as exc:
        raise click.UsageError(f"--list {file}: not UTF-8 text.") from exc
    return [name for line in lines if (name := line.strip()) and not name.startswith("#")]


def _record(invocation: Invocation, folder: Path, imported: Imported) -> tuple[int, int, int]:
    from dataclasses import replace

    from reconcile.cli.owner import owner
    from reconcile.runs.adoption.record import record

    assert imported.proof is not None, "what was written was proven"
    options = replace(invocation.options(), manifests=folder)
    done = record(options, imported.proof.records, owner())
    return done.devices, done.known, done.left


def _facts(imported: Imported, recorded: int | None = None, known: int = 0) -> ImportFacts:
    from reconcile.report.adoption import ImportFacts
    from reconcile.runs.adoption.left_out import LEFT_OUT, reasons

    written, left = imported.written, reasons(imported.subjects)
    if written is None:
        return ImportFacts(str(imported.folder), len(imported.subjects), imported.reads, left, "")
    plan = imported.plan
    return ImportFacts(
        folder=str(imported.folder),
        devices=sum(one.problem is None for one in imported.subjects),
        reads=imported.reads,
        left=left,
        left_file=str(imported.folder / LEFT_OUT) if left else "",
        files=len(written.files),
        size_bytes=written.bytes,
        values=written.values,
        profiles=written.profiles,
        columns=written.columns,
        exceptions=written.exceptions,
        documents=written.documents,
        adoptions=sum(len(device.adoptions) for device in plan.devices) if plan else 0,
        recorded=recorded,
        known=known,
    )
