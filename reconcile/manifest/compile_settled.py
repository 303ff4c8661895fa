"""Rows of devices that are settled as recorded, left out while an inventory is read.

Premise: a plan asks nothing about a settled device but how many there are.
Rule: a row is left out only where the planner would find its device settled: the same identity and the same digest on
record, nothing on its way, nothing to be said about its document. Rows and records are merged in the order of platform
and name; an inventory in another order, or a fleet with words that speak about settled devices, is compiled whole.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from reconcile.manifest.compile_register import Register
from reconcile.manifest.document import Document
from reconcile.manifest.inventory_row import Row
from reconcile.model.device import Identity
from reconcile.model.recorded import RecordedHead
from reconcile.ports import Dialect, Problem

DigestOf: TypeAlias = "Callable[[Row, Identity], str | None]"
"""The digest of what is declared for a row; None where the row is to be compiled whatever is recorded."""


class NotScreenedError(Exception):
    """The fleet must be compiled whole."""


def may_leave_out(by_kind: Mapping[str, Sequence[Document]]) -> bool:
    """Whether nothing in these documents speaks about devices that are settled."""
    if not by_kind.keys() <= {"Fleet", "Profile", "Device"}:
        return False
    specs = [document.body.get("spec") for kind in ("Profile", "Device") for document in by_kind.get(kind, ())]
    if any(isinstance(spec, dict) and ("safety" in spec or "rollout" in spec) for spec in specs):
        return False
    fleet = [document.body.get("spec") for document in by_kind.get("Fleet", ())]
    safety = [spec.get("safety") for spec in fleet if isinstance(spec, dict)]
    return not any(isinstance(body, dict) and ("protected" in body or "allow" in body) for body in safety)


class SettledRows:
    """Merges rows with the heads of recorded devices, both in the order of (platform, name).

    `left_out`: how many rows. `heads`: those of all other recorded devices, complete after `close`.
    """

    __slots__ = ("_dialects", "_digest_of", "_head", "_identities", "_last", "_rest", "heads", "left_out")

    def __init__(self, heads: Iterator[RecordedHead], dialects: Mapping[str, Dialect], digest_of: DigestOf) -> None:
        self._rest, self._dialects, self._digest_of = heads, dialects, digest_of
        self._head = next(heads, None)
        self._last = ("", "")
        self._identities = array("q")
        self.heads: list[RecordedHead] = []
        self.left_out = 0

    def leaves_out(self, row: Row) -> bool:
        """Whether the row is that of a settled device. Raises: NotScreenedError when it is out of order."""
        key = (row.platform, row.name)
        if key <= self._last:
            raise NotScreenedError
        self._last = key
        head = self._head
        while head is not None and (head.ref.platform, head.ref.name) < key:
            self.heads.append(head)
            head = self._head = next(self._rest, None)
        if head is None or head.ref.name != row.name or head.ref.platform != row.platform:
            return False
        self._head = next(self._rest, None)
        if self._is_settled(row, head):
            self.left_out += 1
            return True
        self.heads.append(head)
        return False

    def close(self, registers: Mapping[str, Register]) -> None:
        """Takes in what is left of the heads. Raises: NotScreenedError when two devices may have one identity."""
        if self._head is not None:
            self.heads.append(self._head)
            self.heads += self._rest
        others = {hash((name, fields)) for name, register in registers.items() for fields in register.by_identity}
        if not others.isdisjoint(self._identities) or len(set(self._identities)) < self.left_out:
            raise NotScreenedError

    def _is_settled(self, row: Row, head: RecordedHead) -> bool:
        dialect = self._dialects.get(row.platform)
        if dialect is None or head.is_waiting or head.digest is None:
            return False
        identity = dialect.read_identity(row.fields, row.name)
        if isinstance(identity, Problem) or str(identity) != head.identity:
            return False
        if self._digest_of(row, identity) != head.digest:
            return False
        self._identities.append(hash((row.platform, identity.fields)))
        return True
