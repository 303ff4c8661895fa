"""`reconcile ci`: what pipelines and pull requests show of a plan, and whom they tell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconcile.cli import ci_approve, ci_gate, ci_issues, ci_metrics, ci_notify, ci_posting
from reconcile.cli.context import Invocation, pass_invocation
from reconcile.cli.formats import give

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconcile.model.plan import Plan
    from reconcile.report.comment.compose import Frame


@click.group("ci")
def command() -> None:
    """Helpers of pipelines: comment, summary, gate, issues, notices, metrics, badge."""


command.add_command(ci_gate.command)
command.add_command(ci_approve.command)
command.add_command(ci_issues.command)
command.add_command(ci_notify.command)
command.add_command(ci_metrics.metrics)
command.add_command(ci_metrics.badge)


def plan_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Where the plan comes from, where the full report is, and where the text goes."""
    path = click.Path(path_type=Path)
    for option in (
        click.option("--out", type=path, metavar="FILE", help="Write there instead of standard output."),
        click.option("--report-url", default="", metavar="URL", help="Address of the full HTML report, for a link."),
        click.option(
            "--name",
            default="plan",
            show_default=True,
            metavar="NAME",
            help="Tells several plans of one pull request apart, such as one an environment.",
        ),
        click.option(
            "--from-json",
            "document",
            type=path,
            metavar="FILE",
            help="The plan as `--format json` wrote it: validated, then rendered.",
        ),
        click.option("--plan", "planfile", type=path, metavar="FILE", help="The plan as `plan -o` saved it."),
    ):
        function = option(function)
    return function


@command.command("comment", short_help="The plan as a comment on a pull request.")
@click.option("--host", type=click.Choice(["github", "gitlab", "gitee", "gitea"]), default="github", show_default=True,
              help="Whose limits it must keep to.")  # fmt: skip
@click.option("--post-to", metavar="OWNER/NAME#N",
              help="Post it to that pull request, or update it there; the token is in the environment.")  # fmt: skip
@click.option("--post-to-run", "event", type=click.Path(path_type=Path), metavar="EVENT",
              help="Post it to the pull request of a finished run, by a `workflow_run` event.")  # fmt: skip
@click.option("--api-url", default="", metavar="URL", help="Address of the host's interface, for your own host.")
@plan_options
@pass_invocation
def comment(
    invocation: Invocation,
    host: str,
    post_to: str | None,
    event: Path | None,
    api_url: str,
    planfile: Path | None,
    document: Path | None,
    name: str,
    report_url: str,
    out: Path | None,
) -> int:
    """Compose one sticky comment within the limit of the host; with --post-to put it on the pull request.

    Its first line is a marker with the plan's digest, by which the comment is found and updated in place. The same plan
    gives the same bytes, and is not posted again.
    """
    from reconcile.report.comment.compose import plan_comment
    from reconcile.report.comment.hosts import HOSTS

    frame = _frame(report_url, name)
    plan = _plan(planfile, document)
    text = plan_comment(plan, frame, host=HOSTS[host], lang=invocation.console.lang)
    if post_to is not None or event is not None:
        ci_posting.post(invocation.console, ci_posting.Target(host, api_url, post_to, event), text, name)
        return give(invocation.console, [text], f"--out {out}", out) if out is not None else 0
    return give(invocation.console, [text], f"--out {out}", out)


@command.command("summary", short_help="The plan as the summary of a job, at most 900 KiB.")
@plan_options
@pass_invocation
def summary(
    invocation: Invocation,
    planfile: Path | None,
    document: Path | None,
    name: str,
    report_url: str,
    out: Path | None,
) -> int:
    """Compose the summary of a job: `--out "$GITHUB_STEP_SUMMARY"`, or a file for any other CI."""
    from reconcile.report.comment.compose import plan_summary

    frame = _frame(report_url, name)
    plan = _plan(planfile, document)
    return give(invocation.console, [plan_summary(plan, frame, lang=invocation.console.lang)], f"--out {out}", out)


def _frame(report_url: str, name: str) -> Frame:
    from reconcile.report.comment.compose import Frame

    try:
        return Frame(report_url, name)
    except ValueError as exc:
        raise click.UsageError(f"--name, --report-url: {exc}") from exc


def _plan(planfile: Path | None, document: Path | None) -> Plan:
    if (planfile is None) == (document is None):
        raise click.UsageError("give the plan once: --plan FILE as `plan -o` saved it, or --from-json FILE")
    if document is not None:
        from reconcile.runs.plan_document import read_plan_document

        return read_plan_document(document)
    from reconcile.runs.planfile import read_plan

    assert planfile is not None
    return read_plan(planfile)
