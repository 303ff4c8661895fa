"""Options that limit a plan to a part of the fleet."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from reconcile.cli.output import Console
    from reconcile.model.fleet import DesiredDevice
    from reconcile.model.plan import Plan
    from reconcile.runs.request import Scope

_F = TypeVar("_F", bound=Callable[..., Any])


def scope_options(function: _F) -> _F:
    """Adds -l, --device, --resource and --exclude."""
    for option in (
        click.option("--exclude", multiple=True, metavar="DEVICE", help="Leave devices out; patterns with * allowed."),
        click.option(
            "--resource",
            "resources",
            multiple=True,
            metavar="PATH",
            help="Only these resources, e.g. '/3303/*' or 'Temperature/*'.",
        ),
        click.option(
            "--device", "devices", multiple=True, metavar="DEVICE", help="Only these devices; patterns allowed."
        ),
        click.option(
            "-l", "--selector", metavar="SELECTOR", help="Only devices with these labels, e.g. 'class=meter,site!=lab'."
        ),
    ):
        function = option(function)
    return function


def scope_of(
    selector: str | None, devices: tuple[str, ...], resources: tuple[str, ...], exclude: tuple[str, ...]
) -> Scope:
    """The scope those options mean. Raises: click.UsageError for a selector that does not parse."""
    from reconcile.manifest.select import parse_selector
    from reconcile.ports import Problem
    from reconcile.runs.asked import Asked
    from reconcile.runs.request import Scope

    matches = parse_selector(selector) if selector else None
    if isinstance(matches, Problem):
        raise click.UsageError(f"-l {selector}: {matches.detail}")

    def has_device(entry: DesiredDevice) -> bool:
        names = (str(entry.device.ref), entry.device.ref.name)
        if matches is not None and not matches.matches(entry.device.labels):
            return False
        if devices and not _any(names, devices):
            return False
        return not _any(names, exclude)

    has_resource = (lambda path: _any((path,), resources)) if resources else None
    is_limited = matches is not None or devices or exclude
    return Scope(
        has_device if is_limited else None, has_resource, Asked(devices, matches) if devices or matches else None
    )


def tell_if_empty(console: Console, plan: Plan | None, scope: Scope) -> None:
    """Says so when the options chose no device: a slip in a name must not look like a settled fleet."""
    if plan is None or scope.has_device is None or plan.summary.devices:
        return
    if console.lang == "zh":
        console.tell("没有设备符合 -l、--device 和 --exclude：请检查名称和标签。")
    else:
        console.tell("No device matches -l, --device and --exclude: check names and labels.")


def _any(names: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for name in names for pattern in patterns)
