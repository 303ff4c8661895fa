"""Rules over what is declared and over what a plan would send, as Policy documents state them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from reconcile.model.device import Device
from reconcile.model.diagnostic import NOWHERE, Span
from reconcile.model.late import dataclass
from reconcile.model.protection import Pattern, anything
from reconcile.model.rollout import Hours
from reconcile.model.values import Json, JsonObject


class Subject(StrEnum):
    """What a rule is about: the key that it has in a manifest."""

    PRODUCTS = "products"
    IMEI_PREFIXES = "imeiPrefixes"
    RESOURCES = "resources"
    COMMANDS = "commands"
    BOUNDS = "bounds"
    COMBINATION = "combination"
    WINDOWS = "windows"
    OWNERS = "owners"


_NOT_DECLARED = frozenset({Subject.WINDOWS, Subject.OWNERS})


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which numbers a value must stay (ends included), and how far one change may move it; None: any."""

    pattern: Pattern
    least: float | None = None
    most: float | None = None
    step: float | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One part of a forbidden combination: a resource that has this value."""

    pattern: Pattern
    value: Json


@dataclass(frozen=True, slots=True)
class Owned:
    """A file or folder of the manifest folder, without a slash at its end ("" is all of it), and its owners."""

    path: str
    owners: tuple[str, ...]

    def has(self, file: str) -> bool:
        """Whether the file is it, or lies in it."""
        return not self.path or file == self.path or file.startswith(f"{self.path}/")


@dataclass(frozen=True, slots=True)
class Waiver:
    """A reviewed exception from a rule, for the devices that it covers; it counts before `until` (UTC)."""

    reason: str
    until: datetime
    covers: Callable[[Device], bool] = field(default=anything, compare=False)
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `texts` are products or prefixes, `patterns` resources or commands; the rest goes with its subject."""

    policy: str
    name: str
    subject: Subject
    denies: bool = True
    message: str = ""
    texts: tuple[str, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    bounds: Bounds | None = None
    combination: tuple[Condition, ...] = ()
    hours: Hours | None = None
    owned: tuple[Owned, ...] = ()
    waivers: tuple[Waiver, ...] = field(default=(), compare=False)
    covers: Callable[[Device], bool] = field(default=anything, compare=False)
    asks_labels: bool = False
    span: Span = NOWHERE

    @property
    def title(self) -> str:
        """`policy/rule`: how it is called in texts."""
        return f"{self.policy}/{self.name}"


@dataclass(frozen=True, slots=True)
class Policies:
    """All rules that count, by policy and place. `names` are the policies; `digest` is of what their documents say."""

    rules: tuple[Rule, ...] = ()
    names: tuple[str, ...] = ()
    digest: str = ""

    @property
    def asks_labels(self) -> bool:
        """Whether a rule or a waiver covers only some devices, so that what they are decides."""
        return any(rule.asks_labels for rule in self.rules)

    @property
    def judges_declared(self) -> bool:
        """Whether a rule is about what is declared of any device, and not only about what is sent, or who looks."""
        return any(rule.subject not in _NOT_DECLARED for rule in self.rules)


NO_POLICIES = Policies()


@dataclass(frozen=True, slots=True)
class Look:
    """Files that changed, and the owners who have to look at them."""

    owners: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PolicyNote:
    """Which policies a plan was checked by. `source`: manifests, or base (a commit or folder that the change cannot
    alter); `commit` is that of the base, where it is one.
    """

    source: str
    digest: str
    names: tuple[str, ...] = ()
    commit: str | None = None
    looks: tuple[Look, ...] = ()

    def to_json(self) -> JsonObject:
        """The member `policy` of a plan."""
        looks: list[Json] = [{"owners": list(one.owners), "files": list(one.files)} for one in self.looks]
        body: JsonObject = {"source": self.source, "digest": self.digest, "policies": list(self.names)}
        return body | ({"commit": self.commit} if self.commit else {}) | ({"owners": looks} if looks else {})

    @classmethod
    def from_json(cls, body: JsonObject) -> PolicyNote:
        """The reverse of `to_json`. Raises: KeyError, TypeError or ValueError when it is not one."""
        looks = tuple(Look(_texts(one, "owners"), _texts(one, "files")) for one in _objects(body.get("owners", [])))
        commit = body.get("commit")
        named = None if commit is None else str(commit)
        return cls(str(body["source"]), str(body["digest"]), _texts(body, "policies"), named, looks)


def _objects(value: Json) -> Sequence[JsonObject]:
    if not isinstance(value, list):
        raise TypeError("owners")
    return [one for one in value if isinstance(one, dict)]


def _texts(body: JsonObject, name: str) -> tuple[str, ...]:
    value = body[name]
    if not isinstance(value, list):
        raise TypeError(name)
    return tuple(map(str, value))
