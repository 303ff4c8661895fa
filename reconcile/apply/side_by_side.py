"""Work side by side that ends together.

Premise: a run gives its leases back when it fails, and whoever takes them next relies on it sending nothing any more.
Rule: when one part fails the others are cancelled, and have ended before the failure is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

_T = TypeVar("_T")


async def side_by_side(*works: Coroutine[object, object, _T]) -> list[_T]:
    """The results, in order. Raises: what the first part to fail raised, once nothing of the others runs any more."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
