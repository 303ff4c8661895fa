"""What a fleet is screened by: the recorded side of devices, for those who read a million of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Protocol, TypeVar

from reconcile.model.recorded import HeadRow
from reconcile.model.settled import LOWEST, Key, SettledBlock

T = TypeVar("T")


class RecordedFleet(Protocol):
    """Recorded devices. Raises: StateError, wherever they are asked for."""

    def head_rows(self, first: Key = LOWEST, until: Key | None = None) -> Iterator[HeadRow]:
        """Heads in the order of (platform, name), of devices from one key on and before another."""
        ...

    def holders(self, identities: Collection[tuple[str, str]]) -> Sequence[Key]:
        """The recorded devices that have one of these identities, each a platform and a text."""
        ...

    def heads_at(self, keys: Sequence[Key]) -> Sequence[HeadRow]:
        """Heads of some devices, in the order asked for; of those that are recorded."""
        ...

    def settled_blocks(self) -> Sequence[SettledBlock]:
        """Blocks of inventories known to be settled while everything else is as it is, in order; perhaps none."""
        ...

    def moved(self) -> frozenset[str]:
        """The titles of profiles that set something else than when those blocks were settled."""
        ...

    def beside(self, work: Callable[[], T]) -> Callable[[], T | None] | None:
        """Begins `work` in a process of its own, and gives what waits for its result; None where that cannot be.

        The work asks this fleet as its own. The result is None when it failed, or saw another state than this process.
        """
        ...

    def has_read(self, done: int, size: int) -> None:
        """Hears how many bytes of inventories were read, and of how many."""
        ...
