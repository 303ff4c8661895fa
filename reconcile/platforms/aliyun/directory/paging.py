"""Walks the pages of a list that changes while it is read.

Premise: pages are counted, not anchored. A device created meanwhile pushes one to the next page, where it is met again;
one deleted meanwhile pulls one to a page that was read already, where it is missed without a sign.
Rule: entries are known by a key and given once. When the total shrank on the way, or fewer were met than there are, the
list is walked again, up to three times; then the walk fails, because a device missed is a device let go.
Source: QueryDevice (newest first, NextToken beyond 10,000, fewer than 1,000,000 entries).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Hashable
from typing import Final, Generic, TypeVar

from reconcile.model.errors import InDoubt
from reconcile.model.late import dataclass
from reconcile.platforms.aliyun.answers import Answer
from reconcile.platforms.aliyun.directory.asking import Asking
from reconcile.platforms.aliyun.directory.containers import Page
from reconcile.platforms.aliyun.directory.limits import MOST_ENTRIES, TOKEN_ENTRIES
from reconcile.platforms.aliyun.wire import Call

T = TypeVar("T")

_WALKS: Final = 3
_STALE_PAGES: Final = 5
"""Pages in a row without anything new within one walk: more than devices created meanwhile explain."""


@dataclass(frozen=True, slots=True)
class Paged(Generic[T]):
    """A list that comes in pages: the request of a page (number, token of the page before), its reader, its key."""

    call: Callable[[int, str], Call]
    read: Callable[[Answer], Page[T]]
    key: Callable[[T], Hashable]
    needs_tokens: bool = False


async def walk(asking: Asking, paged: Paged[T]) -> AsyncIterator[T]:
    """Every entry once. Raises: CallFailed; InDoubt when the list cannot be read to its end."""
    met: set[Hashable] = set()
    total: int | None = None
    for _ in range(_WALKS):
        seen: set[Hashable] = set()
        has_shrunk, stale, total = False, 0, None
        async for page in _pages(asking, paged):
            has_shrunk = has_shrunk or (total is not None and page.total is not None and page.total < total)
            total = page.total if page.total is not None else total
            keys = {paged.key(entry) for entry in page.entries}
            stale = stale + 1 if keys <= seen else 0
            seen |= keys
            if stale > _STALE_PAGES:
                raise InDoubt(f"{_name(paged)}: page after page brings nothing new")
            for entry in page.entries:
                if paged.key(entry) not in met:
                    met.add(paged.key(entry))
                    yield entry
        if not has_shrunk and (total is None or len(met) >= total):
            return
    raise InDoubt(f"{_name(paged)}: {len(met)} entries met, the cloud counts {total}; it may be changing, ask again")


async def _pages(asking: Asking, paged: Paged[T]) -> AsyncIterator[Page[T]]:
    number, token = 1, ""
    while True:
        call = paged.call(number, token)
        size = int(call.query["PageSize"])
        if number * size >= MOST_ENTRIES:
            raise InDoubt(f"{call.action}: more than {MOST_ENTRIES} entries, which this cloud does not list")
        page = await asking.ask(call, paged.read, number * size)
        yield page
        if _is_last(page, number, size):
            return
        number, token = number + 1, page.next_token if paged.needs_tokens else ""
        if paged.needs_tokens and not token and number * size > TOKEN_ENTRIES:
            return  # an empty token means the end


def _is_last(page: Page[T], number: int, size: int) -> bool:
    if not page.entries:
        return True
    if page.pages is not None:
        return number >= page.pages
    return len(page.entries) < size if page.total is None else number * size >= page.total


def _name(paged: Paged[T]) -> str:
    return paged.call(1, "").action
