"""The root command: global options, and the table of commands."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import click

from reconcile import __version__

COMMANDS = {
    "init": "Make a folder a fleet repository: manifests, and files for its CI.",
    "validate": "Parse, layer and check the manifests; offline.",
    "plan": "Print what would change, why, and in which requests.",
    "show": "Print a saved plan in any format.",
    "apply": "Apply a saved plan, or plan, ask and apply. Resumable.",
    "recover": "Settle attempts in doubt; sends nothing new.",
    "status": "Show where every delivery stands.",
    "drift": "Compare recorded with observed state; changes nothing.",
    "adopt": "Edit the manifests so that drift may stay; shows the edits first.",
    "import": "Write manifests for devices that already exist, and prove them.",
    "history": "Show what git said of a device, and what was done about it.",
    "rollback": "Show, or with --write make, the manifests of an earlier commit.",
    "explain": "Show every layer of a device's values, and why a plan acts.",
    "doctor": "Check keys, endpoints, clock, quota, permissions; --prove asks a device.",
    "emulate": "Serve both clouds and a fleet of devices on loopback.",
    "demo": "Play the whole story against the emulator; no account needed.",
    "schema": "Print a JSON Schema.",
    "state": "Look at recorded state, and mend it: rm, replace, settle, import.",
    "ci": "Helpers of pipelines: comment, summary, notices, metrics, a badge.",
}


_MODULES = {"import": "import_"}
"""Commands whose names are words of Python."""


class LazyCommands(click.Group):
    """A group that knows its commands by name, and imports one when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """In the order people use them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"reconcile.cli.{_MODULES.get(cmd_name, cmd_name)}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a suggestion for a name that nearly fits."""
        if args and args[0] not in COMMANDS:
            import difflib

            close = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            ctx.fail(f"no such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's signature
        """The table, without importing any command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--manifests", type=click.Path(path_type=Path), default=Path("manifests"), show_default=True,
              help="Folder of manifests.")  # fmt: skip
@click.option("--state", metavar="URL", envvar="RECONCILE_STATE",
              help="State instead of the fleet's own: sqlite:///relative.db or sqlite:////absolute.db.")  # fmt: skip
@click.option("--endpoint", "endpoints", multiple=True, metavar="PLATFORM=URL",
              help="Another address for a platform; http:// on loopback only. Repeatable.")  # fmt: skip
@click.option("--lang", type=click.Choice(["en", "zh"]), envvar="RECONCILE_LANG", default=None,
              help="Language of messages. Default: from LC_ALL, LC_MESSAGES or LANG.")  # fmt: skip
@click.option("--no-color", is_flag=True, help="No colours, even on a terminal (as NO_COLOR does).")
@click.option("-v", "--verbose", is_flag=True, help="Say more: time and peak memory at the end, tracebacks of bugs.")
@click.version_option(__version__, "--version", prog_name="reconcile", message="%(prog)s %(version)s")
@click.pass_context
def root(ctx: click.Context, /, **options: Any) -> None:
    """Plan and apply the configuration of IoT fleets that lives in git.

    Results go to standard output, progress and diagnostics to standard error.
    Exit codes: 0 done, 1 error, and with `plan --detailed-exitcode` and `drift` 2 changes, 3 waiting, 4 blocked;
    5 attempts in doubt remain.
    """
    from reconcile.cli.context import Invocation

    importlib.import_module("reconcile.cli.failures")  # while there are memory and descriptors for it; help needs none
    ctx.obj = Invocation.of(options)


def _placed(unknown: click.NoSuchOption) -> click.ClickException:
    """A global option that was written after the command is told where it goes."""
    ctx = unknown.ctx
    option = next((param for param in root.params if unknown.option_name in param.opts), None)
    if ctx is None or ctx.parent is None or not isinstance(option, click.Option):
        return unknown
    value = "" if option.is_flag else f" {option.make_metavar(ctx)}"
    program, _, command = ctx.command_path.partition(" ")
    hint = f"{unknown.option_name} goes before the command: {program} {unknown.option_name}{value} {command}"
    return click.UsageError(hint, ctx)


def run(arguments: list[str] | None = None) -> int:
    """Runs the command line and returns the exit code; every expected failure ends in a message, not a traceback."""
    is_verbose = not {"-v", "--verbose"}.isdisjoint(sys.argv[1:] if arguments is None else arguments)
    if not is_verbose:
        return _run(arguments, is_verbose=False)
    from reconcile.cli.effort import effort

    code = _run(arguments, is_verbose=True)
    click.echo(effort(), err=True)
    return code


def _run(arguments: list[str] | None, *, is_verbose: bool) -> int:
    try:
        result = root.main(args=arguments, prog_name="reconcile", standalone_mode=False)
    except click.exceptions.Exit as exc:
        return exc.exit_code
    except click.ClickException as exc:
        from reconcile.cli import failures

        return failures.misused(_placed(exc) if isinstance(exc, click.NoSuchOption) else exc)
    except (click.Abort, KeyboardInterrupt):
        from reconcile.cli import failures

        return failures.interrupted()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as exc:  # noqa: BLE001  # the last place that can still say something useful
        from reconcile.cli import failures

        return failures.explain(exc, is_verbose=is_verbose)
    return result if isinstance(result, int) else 0
