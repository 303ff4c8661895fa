"""How an instance of a late dataclass is made: the one method that is not the standard library's.

Premise: the standard `__init__` of a frozen class looks up `object.__setattr__` for each field, and comes together with
two more methods. Rule: the slots are set by their own setters, which takes two thirds of the time; what may be passed,
defaults and `__post_init__` are as ever.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import MISSING, fields
from types import CodeType, FunctionType
from typing import Any

_SELF, _ABSENT = "__self__", "__absent__"


class _Absent:
    """Stands for what is made anew for each instance."""

    def __repr__(self) -> str:
        return "<factory>"


_ABSENT_ONE = _Absent()


def init_of(owner: type, *, is_frozen: bool) -> Callable[..., None]:
    """The `__init__` of a class, whose fields are known."""
    known: dict[str, Any] = {_ABSENT: _ABSENT_ONE}
    parameters, named, lines = [_SELF], ["*"], ["pass"]
    for field in fields(owner):
        name, value = field.name, field.name if field.init else None
        if field.default is not MISSING:
            known[f"__default_{name}__"] = field.default
            value, text = value or f"__default_{name}__", f"{name}=__default_{name}__"
        elif field.default_factory is not MISSING:
            known[f"__make_{name}__"] = field.default_factory
            made = f"__make_{name}__()"
            value, text = f"{made} if {name} is {_ABSENT} else {name}" if value else made, f"{name}={_ABSENT}"
        else:
            text = name
        if field.init:
            (named if field.kw_only else parameters).append(text)
        if value is not None and is_frozen:
            known[f"__set_{name}__"] = getattr(owner, name).__set__
            lines.append(f"__set_{name}__({_SELF}, {value})")
        elif value is not None:
            lines.append(f"{_SELF}.{name} = {value}")
    if hasattr(owner, "__post_init__"):
        lines.append(f"{_SELF}.__post_init__()")
    parameters += named if len(named) > 1 else ()
    init = _made(f"def __init__({', '.join(parameters)}):\n  " + "\n  ".join(lines), known, owner)
    init.__qualname__ = f"{owner.__qualname__}.__init__"
    init.__annotations__ = {field.name: field.type for field in fields(owner) if field.init} | {"return": None}
    return init


def _made(text: str, known: dict[str, Any], owner: type) -> FunctionType:
    """The function of that text, in the module of the class."""
    around = f"def make({', '.join(known)}):\n {text}\n return __init__"
    whole = compile(around, f"<fields of {owner.__qualname__}>", "exec")
    code = next(one for one in whole.co_consts if isinstance(one, CodeType))
    made: FunctionType = FunctionType(code, vars(sys.modules[owner.__module__]))(*known.values())
    return made
