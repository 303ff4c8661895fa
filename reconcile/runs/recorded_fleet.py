"""The recorded side of a fleet while it is loaded: what it is screened by, and blocks of inventories kept for later."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from reconcile import __version__
from reconcile.model.recorded import HeadRow
from reconcile.model.settled import LOWEST, Key, SettledBlock
from reconcile.ports import StateStore

if TYPE_CHECKING:
    from reconcile.runs.planned_heads import Foresight

WORTHWHILE_BLOCKS = 8
"""Smaller inventories are read as fast as blocks are looked up."""


class ScreenedFleet:
    """A `ports.RecordedFleet` over a state, which it closes. `under` names everything that is no inventory.

    With a foresight, heads are what a saved plan makes of them, and no block is known or kept.
    """

    def __init__(
        self,
        store: StateStore,
        under: str,
        foresight: Foresight | None = None,
        *,
        reading: Callable[[int, int], None] | None = None,
    ) -> None:
        self._reading = reading
        self._store, self._under, self._foresight = store, f"{__version__} {under}", foresight
        self._serial = store.serial()
        self._known: Sequence[SettledBlock] = ()

    def head_rows(self, first: Key = LOWEST, until: Key | None = None) -> Iterator[HeadRow]:
        """Heads in the order of (platform, name), of devices from one key on and before another."""
        if self._foresight is not None:
            return self._foresight(self._store.head_rows())
        return self._store.head_rows(first, until)

    def holders(self, identities: Collection[tuple[str, str]]) -> Sequence[Key]:
        """The recorded devices that have one of these identities, each a platform and a text."""
        return self._store.holders(identities)

    def settled_blocks(self) -> Sequence[SettledBlock]:
        """Blocks of inventories known to be settled while everything else is as it is, in order; perhaps none."""
        if self._foresight is None:
            self._known = self._store.settled_blocks(self._under)
        return self._known

    def keep(self, blocks: Sequence[SettledBlock] | None) -> None:
        """Keeps the blocks of this run for the next, where that is worth it and the state has not moved on."""
        if self._foresight is not None or not blocks or len(blocks) < WORTHWHILE_BLOCKS:
            return
        is_worthwhile = 2 * sum(bool(block.digest) for block in blocks) >= len(blocks)
        if is_worthwhile and list(blocks) != list(self._known):
            self._store.keep_settled(self._under, self._serial, blocks)

    def has_read(self, done: int, size: int) -> None:
        """Hears how many bytes of inventories were read, and of how many."""
        if self._reading is not None:
            self._reading(done, size)

    def close(self) -> None:
        """Closes the state."""
        self._store.close()
