"""`reconcile schema`."""

from __future__ import annotations

import difflib

import click

from reconcile.cli.context import Invocation, pass_invocation


@click.command("schema")
@click.argument("name", required=False)
@pass_invocation
def command(invocation: Invocation, name: str | None) -> int:
    """Print a JSON Schema; without NAME, the names there are."""
    from reconcile.runs.shipped import schemas

    known = {file.removesuffix(".schema.json"): content for file, content in schemas().items()}
    if name is None:
        invocation.console.say("\n".join(sorted(known)))
        return 0
    wanted = name.removesuffix(".schema.json").lower()
    if wanted not in known:
        close = difflib.get_close_matches(wanted, known, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise click.UsageError(f"no schema {name!r}.{hint} There are: {', '.join(sorted(known))}")
    invocation.console.say(known[wanted].decode())
    return 0
