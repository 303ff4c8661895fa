"""`reconcile schema`."""

from __future__ import annotations

import difflib
import json

import click

from reconcile.cli.context import Invocation, pass_invocation


@click.command("schema")
@click.argument("name", required=False)
@pass_invocation
def command(invocation: Invocation, name: str | None) -> int:
    """Print a JSON Schema that needs no other file; without NAME, the names there are.

    For completion and checks in an editor: save `reconcile schema manifest`, and name that file in a modeline.
    """
    from reconcile.runs.schema_alone import alone
    from reconcile.runs.shipped import schemas

    known = {file.removesuffix(".schema.json"): file for file in schemas()}
    if name is None:
        invocation.console.say("\n".join(sorted(known)))
        return 0
    wanted = name.removesuffix(".schema.json").lower()
    if wanted not in known:
        close = difflib.get_close_matches(wanted, known, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise click.UsageError(f"no schema {name!r}.{hint} There are: {', '.join(sorted(known))}")
    invocation.console.say(json.dumps(alone(known[wanted], schemas()), ensure_ascii=False, indent=2))
    return 0
