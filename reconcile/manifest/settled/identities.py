"""Identities of devices that are left out, remembered where they come in no order."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping

from reconcile.manifest.compile_register import Register
from reconcile.manifest.settled.screened import NotScreenedError
from reconcile.model.device import Identity

_PARTS = 64
"""Hashes are kept in so many parts, eight bytes each; what tells doubles apart is held for one part at a time."""


class Identities:
    """Hashes of identities. `remember` takes one in; None where they come in order and nothing has to be remembered."""

    __slots__ = ("_parts", "remember")

    def __init__(self, *, remembers: bool) -> None:
        self._parts = [array("q") for _ in range(_PARTS)]
        self.remember: Callable[[str, str], None] | None = self._remember if remembers else None

    def check(self, registers: Mapping[str, Register]) -> None:
        """Raises: NotScreenedError when two devices may have one identity; registers know their own doubles."""
        if self.remember is None:
            return
        others: list[set[int]] = [set() for _ in range(_PARTS)]
        for platform, register in registers.items():
            for fields in register.by_identity:
                one = hash((platform, str(Identity(fields))))
                others[one % _PARTS].add(one)
        for part, known in zip(self._parts, others, strict=True):
            once = set(part)
            if len(once) < len(part) or not once.isdisjoint(known):
                raise NotScreenedError

    def _remember(self, platform: str, identity: str) -> None:
        one = hash((platform, identity))
        self._parts[one % _PARTS].append(one)
