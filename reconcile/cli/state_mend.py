"""`reconcile state rm|replace|settle|import`: what mends recorded state. None of them asks or tells a cloud."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli.context import Invocation, pass_invocation
from reconcile.cli.output import is_terminal
from reconcile.cli.owner import owner

if TYPE_CHECKING:
    from reconcile.runs.recorded import HandedOn

_REASON = click.option("--reason", default="", metavar="TEXT", help="Why; the journal keeps it.")
_YES = click.option("--yes", is_flag=True, help="Do not ask.")


_FORGOTTEN = ("is forgotten.", "的记录已遗忘。")
_LEFT = (
    "is let go of by the next apply, which first withdraws what waits in its queue.",
    "将由下一次 apply 遗忘：先撤回仍在排队的命令。",
)


@click.command("rm", short_help="Forget what is recorded of devices.")
@click.argument("devices", nargs=-1, required=True, metavar="DEVICE...")
@click.option(
    "--withdraw", is_flag=True, help="Where commands of ours still wait: the next apply withdraws them first."
)
@_YES
@_REASON
@pass_invocation
def rm(invocation: Invocation, devices: tuple[str, ...], withdraw: bool, yes: bool, reason: str) -> int:
    """Forget what is recorded of DEVICE...; no device and no cloud is told.

    A device that the manifests still declare is taken over anew by the next plan: what it holds is read where it can
    be, everything else is written again, and commands by trigger run again.
    """
    from reconcile.runs.recorded import Deed, forget
    from reconcile.runs.recorded_device import recorded_ref

    console = invocation.console
    is_zh = console.lang == "zh"
    with invocation.open() as session:
        refs = list(dict.fromkeys(recorded_ref(session, name) for name in devices))
        names = ", ".join(map(str, refs))
        if not agreed(invocation, f"遗忘 {names} 的记录？" if is_zh else f"Forget the record of {names}?", yes=yes):
            return 1
        for ref in refs:
            is_left = forget(session, ref, Deed(owner(), reason), withdraws=withdraw)
            console.say(f"{ref} {(_LEFT if is_left else _FORGOTTEN)[is_zh]}")
    return 0


@click.command("replace", short_help="Hand the role of a swapped device to the new one.")
@click.argument("old")
@click.argument("new")
@click.option("--run-again", is_flag=True, help="Run commands by trigger on the new device too.")
@_YES
@_REASON
@pass_invocation
def replace(invocation: Invocation, old: str, new: str, run_again: bool, yes: bool, reason: str) -> int:
    """Hand the role of OLD, swapped in the field, to NEW, which the manifests declare.

    OLD and NEW are one name when only the identity in the manifests changed. Nothing is taken for held by the new
    device: its values are read or written anew. Commands by trigger that ran on the old one do not run again.
    """
    from reconcile.runs.explain import find_device
    from reconcile.runs.recorded import Deed, hand_on
    from reconcile.runs.recorded_device import recorded_ref

    console = invocation.console
    with invocation.open() as session:
        before, after = recorded_ref(session, old), find_device(session, new)
        bearer = f"{after.device.ref} ({after.device.identity})"
        words = f"以 {bearer} 接替 {before}？" if console.lang == "zh" else f"Hand {before} on to {bearer}?"
        if not agreed(invocation, words, yes=yes):
            return 1
        done = hand_on(session, before, after, Deed(owner(), reason), runs_again=run_again)
    console.say(_told(done, is_zh=console.lang == "zh"))
    return 0


@click.command("settle", short_help="Say whether a command ran that nobody can prove.")
@click.argument("intent", required=False)
@click.option("--ran/--not-ran", "has_run", default=None, help="What a person saw at the device.")
@_YES
@_REASON
@pass_invocation
def settle(invocation: Invocation, intent: str | None, has_run: bool | None, yes: bool, reason: str) -> int:
    """Say whether a command ran of which nobody but a person can tell; without INTENT, list those.

    One that ran never runs again for its trigger. One that did not is due again in the next plan.
    """
    from reconcile.runs.recorded import Deed
    from reconcile.runs.recorded_settle import find_one, for_operator, settle_by_hand

    console = invocation.console
    with invocation.open() as session:
        if intent is None:
            for each in for_operator(session):
                console.say(f"{each.intent}\t{each.attempt.entry.device}\t{each.command}\t{each.attempt.entry.at}")
            return 0
        if has_run is None:
            raise click.UsageError("say what you saw: --ran or --not-ran")
        one = find_one(session, intent)
        what = f"{one.command}, {one.attempt.entry.device}: {'ran' if has_run else 'did not run'}"
        if not agreed(invocation, f"{'记录为' if console.lang == 'zh' else 'Record as'}: {what}?", yes=yes):
            return 1
        settle_by_hand(session, one, Deed(owner(), reason), has_run=has_run)
    console.say(what)
    return 0


@click.command("import", short_help="Take a whole state that was exported.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", "replaces", is_flag=True, help="Give up what the state holds now.")
@click.option("--yes", is_flag=True, help="Do not ask before giving up what the state holds.")
@pass_invocation
def import_(invocation: Invocation, file: Path, replaces: bool, yes: bool) -> int:
    """Take the whole state from FILE, as `state export` printed it: all of it or nothing.

    Into a state that does not exist yet. Values of secrets are written again: the key of their fingerprints stays with
    the state that was exported.
    """
    from reconcile.runs.recorded_import import check_export, read_export

    check_export(file)  # before a state file is made
    console = invocation.console
    is_zh = console.lang == "zh"
    if replaces and not agreed(
        invocation, "放弃当前状态的全部内容？" if is_zh else "Give up all that the state holds now?", yes=yes
    ):
        return 1
    with invocation.open(creates_state=True) as session:
        with read_export(file) as bodies:
            session.store.restore(bodies, session.options.now(), replaces=replaces)
        count = sum(1 for _ in session.store.heads())
        lineage, serial = session.store.lineage, session.store.serial()
    said = f"已导入 {count} 台设备；" if is_zh else f"{count} devices imported; "
    console.say(f"{said}lineage {lineage}, serial {serial}")
    return 0


def agreed(invocation: Invocation, question: str, *, yes: bool) -> bool:
    """A yes, given before or now; nobody to ask is a no."""
    if yes:
        return True
    if not is_terminal(sys.stdin):
        invocation.console.tell(
            "未作任何更改：无人可询问。请使用 --yes。"
            if invocation.console.lang == "zh"
            else "nothing was changed: nobody to ask. Use --yes."
        )
        return False
    return click.confirm(question, err=True)


def _told(done: HandedOn, *, is_zh: bool) -> str:
    """What handing on came to, a line for each thing to know."""
    lines = [f"{done.device} 已接替；其数值将由下一次 apply 重新读取或写入。"] if is_zh else [
        f"{done.device} took over; the next apply reads or writes its values anew."]  # fmt: skip
    if done.waiting:
        lines.append(
            f"仍在排队的 {done.waiting} 条命令将由下一次 apply 撤回。"
            if is_zh
            else f"{done.waiting} queued commands are withdrawn by the next apply."
        )
    if done.kept:
        lines.append(("不再执行：" if is_zh else "not run again: ") + ", ".join(done.kept))
    if done.due:
        lines.append(("将再次执行：" if is_zh else "run on the new device: ") + ", ".join(done.due))
    return "\n".join(lines)
