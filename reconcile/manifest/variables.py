"""Variables in values: `${label:site}` and `${device.name}`; no expressions, no code, no environment.

`$${` stands for a plain `${`. A text that is one variable and nothing else may stand for a number: see resolve.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from reconcile.model.late import dataclass
from reconcile.model.values import Json

_MARK = re.compile(r"\$\$\{|\$\{([^}]*)\}|\$\{")
_LABEL = "label:"
_NAME = "device.name"


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a value needs to know of a device, and what it asks for in vain."""

    labels: frozenset[str] = frozenset()
    has_name: bool = False
    unknown: tuple[str, ...] = ()
    is_plain: bool = True

    def __or__(self, other: Mentions) -> Mentions:
        if self is PLAIN or other is PLAIN:
            return other if self is PLAIN else self
        return Mentions(
            self.labels | other.labels,
            self.has_name or other.has_name,
            self.unknown + other.unknown,
            self.is_plain and other.is_plain,
        )


PLAIN = Mentions()


def mentions(value: Json) -> Mentions:
    """The variables of a value, at any depth."""
    if isinstance(value, int | float):
        return PLAIN
    found = PLAIN
    for text in _texts(value):
        if "${" in text:
            found |= _in_text(text)
    return found


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _in_text(text: str) -> Mentions:
    labels, unknown, has_name = set(), [], False
    for match in _MARK.finditer(text):
        if match[0] == "$${":
            continue
        name = match[1]
        if name == _NAME:
            has_name = True
        elif name and name.startswith(_LABEL) and name != _LABEL:
            labels.add(name.removeprefix(_LABEL))
        else:
            unknown.append(match[0])
    return Mentions(frozenset(labels), has_name, tuple(unknown), is_plain=False)


def is_one_variable(value: Json) -> bool:
    """True for a text that is one variable and nothing else."""
    if not isinstance(value, str):
        return False
    match = _MARK.fullmatch(value)
    return match is not None and match[1] is not None


def substitute(value: Json, labels: Mapping[str, str], device_name: str) -> Json:
    """The value with every variable filled in; all of them must be known (`mentions` says)."""
    if isinstance(value, str):
        return _MARK.sub(lambda match: _filled(match, labels, device_name), value) if "${" in value else value
    if isinstance(value, dict):
        return {key: substitute(item, labels, device_name) for key, item in value.items()}
    if isinstance(value, list):
        return [substitute(item, labels, device_name) for item in value]
    return value


def _filled(match: re.Match[str], labels: Mapping[str, str], device_name: str) -> str:
    if match[0] == "$${":
        return "${"
    return device_name if match[1] == _NAME else labels[match[1].removeprefix(_LABEL)]
