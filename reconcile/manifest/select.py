"""Selectors: which devices a profile, a hold or `-l` means. Kubernetes meaning, all requirements must hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from reconcile.manifest.layer_codes import BAD_SELECTOR
from reconcile.model.late import dataclass
from reconcile.model.values import Json
from reconcile.ports import Problem

Labels: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on one label. operator: In | NotIn | Exists | DoesNotExist.

    NotIn holds when the label is absent.
    """

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def holds(self, labels: Labels) -> bool:
        """True when the labels meet it."""
        match self.operator:
            case "In":
                return labels.get(self.key) in self.values
            case "NotIn":
                return labels.get(self.key) not in self.values
            case "Exists":
                return self.key in labels
            case "DoesNotExist":
                return self.key not in labels
        raise AssertionError(self.operator)


@dataclass(frozen=True, slots=True)
class Selector:
    """Requirements that must all hold; without any it matches every device."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Labels) -> bool:
        """True when the labels meet every requirement."""
        return all(requirement.holds(labels) for requirement in self.requirements)

    @property
    def keys(self) -> frozenset[str]:
        """The labels it looks at."""
        return frozenset(requirement.key for requirement in self.requirements)


EVERYTHING = Selector()


def read_selector(body: Json) -> Selector:
    """The selector of a manifest (`matchLabels`, `matchExpressions`), already valid against its schema."""
    if not isinstance(body, dict):
        return EVERYTHING
    equal, expressions = body.get("matchLabels"), body.get("matchExpressions")
    requirements = [
        Requirement(key, "In", (str(value),)) for key, value in (equal if isinstance(equal, dict) else {}).items()
    ]
    for item in expressions if isinstance(expressions, list) else ():
        if isinstance(item, dict):
            values = item.get("values")
            texts = tuple(str(value) for value in values) if isinstance(values, list) else ()
            requirements.append(Requirement(str(item.get("key")), str(item.get("operator")), texts))
    return Selector(tuple(requirements))


_KEY = r"\s*(?P<key>[^\s,=!()]+)\s*"
_WORD = r"[^\s,=!()]*"
_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Requirement]], ...] = (
    (
        re.compile(rf"{_KEY}\s(?P<not>not)?in\s*\((?P<values>[^()]*)\)\s*"),
        lambda m: Requirement(m["key"], "NotIn" if m["not"] else "In", _values(m["values"])),
    ),
    (re.compile(rf"{_KEY}!=\s*(?P<value>{_WORD})\s*"), lambda m: Requirement(m["key"], "NotIn", (m["value"],))),
    (re.compile(rf"{_KEY}==?\s*(?P<value>{_WORD})\s*"), lambda m: Requirement(m["key"], "In", (m["value"],))),
    (re.compile(rf"\s*!{_KEY}"), lambda m: Requirement(m["key"], "DoesNotExist")),
    (re.compile(_KEY), lambda m: Requirement(m["key"], "Exists")),
)


def parse_selector(text: str) -> Selector | Problem:
    """The selector of a command line: `class=meter,site!=lab,firmware in (2.3,2.4),x notin (a),!y,z`."""
    requirements = []
    for part in _parts(text):
        found = next(((form, m) for pattern, form in _FORMS if (m := pattern.fullmatch(part))), None)
        if found is None:
            expected = "Expected key=value, key!=value, key in (a,b), key notin (a,b), key or !key, joined by commas"
            return Problem(BAD_SELECTOR.code, BAD_SELECTOR.summary, f"Found {part.strip()!r}. {expected}.")
        requirements.append(found[0](found[1]))
    return Selector(tuple(requirements))


def _parts(text: str) -> list[str]:
    """The text cut at commas outside parentheses; nothing for an empty text."""
    return re.split(r",(?![^(]*\))", text) if text.strip() else []


def _values(text: str) -> tuple[str, ...]:
    return tuple(value.strip() for value in text.split(","))
