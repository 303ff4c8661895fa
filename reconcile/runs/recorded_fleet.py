"""The recorded side of a fleet while it is loaded: what it is screened by, and blocks of inventories kept for later."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

from reconcile import __version__
from reconcile.manifest.settled.under import Under
from reconcile.model.recorded import HeadRow
from reconcile.model.settled import LOWEST, Key, SettledBlock
from reconcile.ports import StateStore
from reconcile.runs.asked import Asked
from reconcile.runs.beside import Beside, can_fork

if TYPE_CHECKING:
    from reconcile.runs.planned_heads import Foresight

T = TypeVar("T")

FORM = f"{__version__} blocks-3"
WORTHWHILE_BLOCKS = 8
"""Smaller inventories are read as fast as blocks are looked up."""


class ScreenedFleet:
    """A `ports.RecordedFleet` over a state, which it opens and closes. `under` names everything that is no inventory;
    None where that cannot be told.
    `is_file`: the state is opened in no time, by two processes as by one.

    With a foresight, heads are what a saved plan makes of them, and no block is known or kept. Devices that are asked
    about are never settled; of such a run no block is kept either.
    """

    def __init__(
        self,
        opens: Callable[[], StateStore],
        under: Under | None,
        foresight: Foresight | None = None,
        *,
        reading: Callable[[int, int], None] | None = None,
        is_file: bool = False,
        asked: Asked | None = None,
    ) -> None:
        self._opens, self._is_file, self._reading = opens, is_file, reading
        self._under, self._foresight = under, foresight
        self._moved: frozenset[str] = frozenset()
        self._asked = asked
        self._store = opens()
        self._serial = self._store.serial()
        self._known: Sequence[SettledBlock] = ()
        self._begun: list[Beside[Any]] = []

    def head_rows(self, first: Key = LOWEST, until: Key | None = None) -> Iterator[HeadRow]:
        """Heads in the order of (platform, name), of devices from one key on and before another."""
        if self._foresight is not None:
            return self._foresight(self._store.head_rows())
        rows = self._store.head_rows(first, until)
        return rows if self._asked is None else self._asked.among(rows)

    def holders(self, identities: Collection[tuple[str, str]]) -> Sequence[Key]:
        """The recorded devices that have one of these identities, each a platform and a text."""
        return self._store.holders(identities)

    def heads_at(self, keys: Sequence[Key]) -> Sequence[HeadRow]:
        """Heads of some devices, in the order asked for; of those that are recorded."""
        rows = self._store.heads_at(keys)
        return rows if self._asked is None else list(self._asked.among(rows))

    def settled_blocks(self) -> Sequence[SettledBlock]:
        """Blocks of inventories known to be settled while everything else is as it is, in order; perhaps none."""
        if self._foresight is None and self._under is not None and not self._known:
            kept = self._store.settled_under()
            moved = self._under.moved_since(kept, FORM)
            known = [] if moved is None else self._store.settled_blocks(kept)
            self._known, self._moved = known if self._asked is None else self._asked.known(known), moved or frozenset()
        return self._known

    def moved(self) -> frozenset[str]:
        """The titles of profiles that set something else than when those blocks were settled."""
        return self._moved

    def keep(self, blocks: Sequence[SettledBlock] | None) -> None:
        """Keeps the blocks of this run for the next, where that is worth it and the state has not moved on."""
        is_partial = self._foresight is not None or self._asked is not None
        if is_partial or self._under is None or not blocks or len(blocks) < WORTHWHILE_BLOCKS:
            return
        firsts = [block.first for block in blocks]
        if firsts[0] != LOWEST or any(first >= then for first, then in pairwise(firsts)):
            return  # records are told apart by where blocks begin
        settled = sum(bool(block.digest) for block in blocks)
        if self._moved and settled < sum(bool(block.digest) for block in self._known):
            return  # what is known beside those profiles tells more than what is left beside what they changed
        if 2 * settled >= len(blocks) and (self._moved or list(blocks) != list(self._known)):
            self._store.keep_settled(self._under.text(FORM), self._serial, blocks)

    def beside(self, work: Callable[[], T]) -> Callable[[], T | None] | None:
        """Begins `work` in a process of its own; None where there is no other core, or a state that takes long to open.

        No database may go through a fork: it is closed before, and opened by each of the two.
        """
        if not self._is_file or self._foresight is not None or not can_fork():
            return None
        self._store.close()
        begun = Beside(partial(self._elsewhere, work))
        self._begun.append(begun)
        self._store = self._opens()

        def result() -> T | None:
            found = begun.result()
            return found[1] if found is not None and found[0] == self._serial else None

        return result

    def _elsewhere(self, work: Callable[[], T]) -> tuple[int, T]:
        self._store, self._reading = self._opens(), None
        serial = self._store.serial()
        return (serial, work()) if self._store.serial() == serial else (-1, work())

    def has_read(self, done: int, size: int) -> None:
        """Hears how many bytes of inventories were read, and of how many."""
        if self._reading is not None:
            self._reading(done, size)

    def close(self) -> None:
        """Closes the state, and ends what nobody waited for."""
        for one in self._begun:
            one.stop()
        self._store.close()
