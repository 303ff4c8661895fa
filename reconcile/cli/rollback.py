"""`reconcile rollback`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reconcile.cli.context import Invocation, pass_invocation
from reconcile.cli.formats import check_formats, format_option, write_formats
from reconcile.cli.output import Console, Progress
from reconcile.cli.plan import exit_code, refresh_option

if TYPE_CHECKING:
    from reconcile.runs.rollback import Rollback

_LISTED = 20
_KINDS = {
    "en": {"added": "added back", "changed": "changed back", "removed": "removed"},
    "zh": {"added": "恢复", "changed": "改回", "removed": "删除"},
}


@click.command("rollback")
@click.argument("commit")
@click.option("--write", is_flag=True, help="Make the files of the manifests those of that commit. You commit them.")
@format_option
@refresh_option
@click.option(
    "--detailed-exitcode", is_flag=True, help="0 nothing to do, 2 changes, 3 only waiting, 4 blocked, 5 in doubt."
)
@pass_invocation
def command(
    invocation: Invocation,
    commit: str,
    write: bool,
    formats: tuple[str, ...],
    refresh: str,
    detailed_exitcode: bool,
) -> int:
    """Show the manifests of an earlier commit and the plan they make; with --write put them back.

    Nothing is sent and nothing is committed: a rollback is an edit of the manifests, reviewed and applied like any
    other. What a device has run it has run: commands are not undone.
    """
    from reconcile.runs.request import Refresh, Request
    from reconcile.runs.rollback import roll_back, write_back

    wanted, console = check_formats(formats), invocation.console
    progress = Progress(console, "looking at devices")
    try:
        found = roll_back(invocation.options(), commit, Request(Refresh(refresh), progress=progress.show))
    finally:
        progress.done()
    _tell(console, found)
    write_formats(console, found.planned.plan, wanted)
    if write:
        write_back(invocation.manifests, found)
        console.tell(_written(console, found))
    return exit_code(found.planned.plan, 0) if detailed_exitcode else 0


def _tell(console: Console, found: Rollback) -> None:
    from reconcile.report.sanitise import inert
    from reconcile.report.view import moment

    words = _KINDS[console.lang]
    console.tell(f"{found.commit[:12]}  {moment(found.at)}  {inert(found.subject, 200)}")
    for one in found.files[:_LISTED]:
        console.tell(f"  {words[one.kind]}: {inert(one.path)}")
    if len(found.files) > _LISTED:
        console.tell(f"  … {len(found.files) - _LISTED:,}")
    if not found.files:
        console.tell("  清单与该提交相同。" if console.lang == "zh" else "  The manifests are as they were then.")


def _written(console: Console, found: Rollback) -> str:
    if console.lang == "zh":
        return f"已写回 {len(found.files)} 个文件。请检查（`git diff`）、提交，并像其他改动一样应用。"
    return f"{len(found.files)} files put back. Look at them (`git diff`), commit them, and apply as any other change."
