"""Which call lies at which path: the catalogue of a façade as data, and how a request finds its line in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from reconcile.emulator.call import Call
from reconcile.emulator.onenet.documented import Parameter
from reconcile.emulator.onenet.reply import Reply

Action = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """A vendor's call: our name for it, whether it changes anything, the engine function, its parameters.

    `family` names the table its errors come from: command, devices or thing.
    """

    operation: str
    mutating: bool
    action: Action
    parameters: tuple[Parameter, ...] = ()
    family: str = "command"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a call is found: method, path (one part may be `{name}`) and, on Studio, the `action` parameter."""

    method: str
    path: str
    route: Route
    action: str = ""

    @property
    def argument(self) -> str:
        """The name of the variable part of the path; empty when there is none."""
        return next((part[1:-1] for part in self.path.split("/") if part.startswith("{")), "")


class Table:
    """The endpoints of one façade. Fixed paths win over those with a variable part."""

    __slots__ = ("_fixed", "_patterns", "endpoints")

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self.endpoints = tuple(endpoints)
        self._fixed = {(one.method, one.path, one.action): one.route for one in self.endpoints if not one.argument}
        self._patterns = [(one.method, one.path.split("/"), one.route) for one in self.endpoints if one.argument]

    def find(self, method: str, path: str, action: str = "") -> tuple[Route, str] | None:
        """The route of a request, and the variable part of its path."""
        route = self._fixed.get((method, path, action))
        if route is not None:
            return route, ""
        parts = path.split("/")
        for wanted, pattern, found in self._patterns:
            if wanted != method or len(pattern) != len(parts):
                continue
            pairs = list(zip(pattern, parts, strict=True))
            if all(name == part or name.startswith("{") for name, part in pairs):
                return found, next(part for name, part in pairs if name.startswith("{"))
        return None
