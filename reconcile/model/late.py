"""Dataclasses with slots whose methods are written when the first of them is used.

Premise: the standard decorator writes and compiles up to six methods for each class, half a millisecond every time. For
the two hundred classes that a command imports that was a quarter of its time, and it uses one in four of them. Rule:
the class and its slots are made at once; what the standard library would have added comes when it is used, and is the
standard library's but for `__init__` (late_init.py).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from reconcile.model.late_init import init_of

if TYPE_CHECKING:
    from dataclasses import dataclass

__all__ = ["dataclass"]

_ORDER = ("__lt__", "__le__", "__gt__", "__ge__")
_COMPARE = frozenset({"__eq__", "__hash__", *_ORDER})
_FACTS = ("__dataclass_fields__", "__dataclass_params__", "__match_args__")
_OF_PLAIN_CLASSES = frozenset({"__dict__", "__weakref__"})
_NO_FIELDS = ("ClassVar", "InitVar", "KW_ONLY")


def _decorator(*, slots: bool, frozen: bool = False, **options: bool) -> Callable[[type], type]:
    """As `dataclasses.dataclass`, for classes with slots whose annotated members are fields. Raises: TypeError."""

    def decorate(plain: type) -> type:
        names: dict[str, object] = vars(plain).get("__annotations__", {})
        if not slots or any(word in str(text) for text in names.values() for word in _NO_FIELDS):
            raise TypeError(f"{plain.__qualname__} is a class for dataclasses.dataclass")
        return _Late(plain, {"frozen": frozen, "eq": True, "order": False, "repr": True, **options}).made(names)

    return decorate


class _Late:
    """One class, and what is still to be written for it."""

    def __init__(self, plain: type, options: dict[str, bool]) -> None:
        self._plain, self._options = plain, options
        self._body = {name: value for name, value in vars(plain).items() if name not in _OF_PLAIN_CLASSES}
        if "__eq__" in self._body and self._body.get("__hash__") is None:
            self._body.pop("__hash__", None)  # Python put it there, nobody wrote it
        self._owner = plain
        wanted = ["__init__", *_FACTS]
        wanted += [name for option, name in (("repr", "__repr__"), ("eq", "__eq__")) if options[option]]
        wanted += ["__hash__"] if options["frozen"] and options["eq"] else []
        wanted += _ORDER if options["order"] else ()
        self._waiting = {name for name in wanted if name not in self._body}

    def made(self, names: Collection[str]) -> type:
        """The class with slots in place of its fields; whatever is missing has itself written."""
        inherited = {slot for base in self._plain.__mro__[1:-1] for slot in getattr(base, "__slots__", ())}
        body = {name: value for name, value in self._body.items() if name not in names}
        body["__slots__"] = tuple(name for name in names if name not in inherited)
        body |= {name: _Fact(self, name) if name in _FACTS else self._method(name) for name in self._waiting}
        if self._options["frozen"]:
            body |= {"__getstate__": _state, "__setstate__": _restore, **self._refusing()}
        elif self._options["eq"]:
            body.setdefault("__hash__", None)
        self._owner = self._class(body)
        return self._owner

    def written(self, name: str) -> Any:
        """A member, after it was written: by the standard library, on a class of its own, unless it is `__init__`."""
        compares = name in _COMPARE
        parts = {"repr": name == "__repr__", "eq": compares, "order": name in _ORDER}
        hashes = compares and "__hash__" in self._waiting
        twin: type = dataclasses.dataclass(init=False, unsafe_hash=hashes, **parts)(self._class(dict(self._body)))
        found = vars(twin)
        for one in self._waiting & found.keys() & {name, *_FACTS, *(_COMPARE if compares else ())}:
            setattr(self._owner, one, found[one])
            self._waiting.discard(one)
        if name == "__init__":
            setattr(self._owner, name, init_of(self._owner, is_frozen=self._options["frozen"]))
        return getattr(self._owner, name)

    def _class(self, body: dict[str, Any]) -> type:
        made: type = type(self._plain)(self._plain.__name__, self._plain.__bases__, body)
        made.__qualname__ = self._plain.__qualname__
        return made

    def _method(self, name: str) -> Callable[..., Any]:
        def first(this: object, *args: Any, **kwargs: Any) -> Any:
            return self.written(name)(this, *args, **kwargs)

        return first

    def _refusing(self) -> dict[str, Callable[..., None]]:
        """What sets and deletes members of what is frozen: none, but for those that a class below adds."""

        def put(this: object, name: str, value: object) -> None:
            self._check(this, name, "assign to")
            object.__setattr__(this, name, value)

        def delete(this: object, name: str) -> None:
            self._check(this, name, "delete")
            object.__delattr__(this, name)

        return {"__setattr__": put, "__delattr__": delete}

    def _check(self, this: object, name: str, deed: str) -> None:
        if type(this) is self._owner or name in {field.name for field in dataclasses.fields(self._owner)}:
            raise dataclasses.FrozenInstanceError(f"cannot {deed} field {name!r}")


class _Fact:
    """A member of the class itself, read before it is there."""

    __slots__ = ("_late", "_name")

    def __init__(self, late: _Late, name: str) -> None:
        self._late, self._name = late, name

    def __get__(self, _instance: object, _cls: type) -> object:
        return self._late.written(self._name)


def _state(this: Any) -> list[Any]:
    return [getattr(this, field.name) for field in dataclasses.fields(this)]


def _restore(this: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(this), state, strict=True):
        object.__setattr__(this, field.name, value)


if not TYPE_CHECKING:
    dataclass = _decorator
