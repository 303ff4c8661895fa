"""Options that limit how much one full refresh looks at."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from reconcile.runs.request import Limits

_F = TypeVar("_F", bound=Callable[..., Any])


def limit_options(function: _F) -> _F:
    """Adds --budget and --max-age."""
    for option in (
        click.option(
            "--max-age",
            metavar="DURATION",
            help="With --refresh all: do not look again at what was looked at within this time, e.g. 24h.",
        ),
        click.option(
            "--budget",
            type=click.IntRange(min=0),
            metavar="CALLS",
            help="With --refresh all: spend at most so many calls on settled devices, those longest unseen first.",
        ),
    ):
        function = option(function)
    return function


def limits_of(budget: int | None, max_age: str | None, refresh: str = "all") -> Limits:
    """The limits those options mean. Raises: click.UsageError for what is no duration, or without a full refresh."""
    from reconcile.manifest.resolve_delivery import duration_s
    from reconcile.runs.request import Limits

    seconds = None if max_age is None else duration_s(max_age)
    if max_age is not None and seconds is None:
        raise click.UsageError(f"--max-age {max_age}: expected e.g. 25s, 30m, 24h or 7d.")
    if refresh != "all" and (budget is not None or max_age is not None):
        raise click.UsageError("--budget and --max-age limit a full refresh: add --refresh all, or leave them out.")
    return Limits(budget, seconds)
