"""`reconcile ci notify`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconcile.cli.context import Invocation, pass_invocation

if TYPE_CHECKING:
    from reconcile.gitops.notices.notice import Notice

_ROOMS = ("dingtalk", "wecom", "feishu", "slack", "webhook")


@click.command("notify", short_help="Tell a chat room what became of a plan or an apply.")
@click.option("--to", "room", type=click.Choice(_ROOMS), required=True, help="Whose robot it is.")
@click.option(
    "--plan", "planfile", type=click.Path(path_type=Path), metavar="FILE", help="A plan that `plan -o` saved."
)
@click.option("--events", type=click.Path(path_type=Path), metavar="FILE",
              help="What `apply --json-events` wrote; `-` for standard input.")  # fmt: skip
@click.option("--url-env", default="RECONCILE_NOTIFY_URL", show_default=True, metavar="NAME",
              help="Variable that holds the robot's address; it is a secret.")  # fmt: skip
@click.option("--secret-env", default="RECONCILE_NOTIFY_SECRET", show_default=True, metavar="NAME",
              help="Variable that holds the signing secret, where the robot has one.")  # fmt: skip
@click.option("--name", default="reconcile", show_default=True, help="What it is about, such as the environment.")
@click.option("--link", default="", metavar="URL", help="Where to read more, such as the job.")
@click.option("--only-bad", is_flag=True, help="Say nothing when nobody has to look.")
@click.option("--dry-run", is_flag=True, help="Print the notice; send nothing.")
@pass_invocation
def command(
    invocation: Invocation,
    room: str,
    planfile: Path | None,
    events: Path | None,
    url_env: str,
    secret_env: str,
    name: str,
    link: str,
    only_bad: bool,
    dry_run: bool,
) -> int:
    """Tell a chat room, once, in plain text: DingTalk, WeCom, Feishu, Slack, or any webhook with signed JSON.

    Address and secret come from the environment and are in no message and no error. http:// is for loopback only.
    """
    from reconcile.gitops.notices.notice import NoticeRefusedError
    from reconcile.gitops.notices.robots import ROBOTS
    from reconcile.gitops.notices.send import send

    if (planfile is None) == (events is None):
        raise click.UsageError("give one of --plan FILE and --events FILE")
    notice = _notice(planfile, events, name, _checked_link(link), invocation.console.lang)
    if dry_run:
        invocation.console.say(notice.text)
        return 0
    if only_bad and not notice.is_bad:
        return 0
    address = os.environ.get(url_env, "")
    if not address:
        raise NoticeRefusedError(f"{url_env} is not set. Put the address of the robot there, or name another variable.")
    robot = ROBOTS[room]
    send(robot, address, robot.compose(notice, os.environ.get(secret_env, ""), invocation.options().now()))
    return 0


def _notice(planfile: Path | None, events: Path | None, name: str, link: str, lang: str) -> Notice:
    from reconcile.gitops.notices.notice import of_events, of_plan

    if planfile is not None:
        from reconcile.runs.planfile import read_plan

        return of_plan(read_plan(planfile), name, link, lang)
    with click.open_file(str(events), encoding="utf-8", errors="replace") as lines:
        return of_events(lines, name, link, lang)


def _checked_link(link: str) -> str:
    if link and not (link.startswith(("https://", "http://")) and link.isprintable() and " " not in link):
        raise click.UsageError(f"--link takes an address that begins with https://; found {link[:80]!r}")
    return link
