"""Pages of a listing, and the token that the deep ones need.

Source: Aliyun QueryDevice: once page times size exceeds 10,000 the call needs the NextToken of the page before; the
ceiling is 1,000,000; an empty NextToken is the end.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from reconcile.emulator.aliyun.errors import BusinessError
from reconcile.emulator.messages import Json

Row = TypeVar("Row")

TOKENLESS_ROWS = 10_000
DEEPEST_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page: `number` counts from 1; `next_token` is empty on the last."""

    rows: Sequence[Row]
    number: int
    size: int
    total: int
    next_token: str = ""

    @property
    def count(self) -> int:
        """How many pages there are."""
        return -(-self.total // self.size)

    def beside_data(self, number_name: str = "Page") -> dict[str, Json]:
        """The page's figures as they stand beside Data."""
        return {"Total": self.total, number_name: self.number, "PageSize": self.size, "PageCount": self.count}


def bounds(params: Mapping[str, str], highest: int) -> tuple[int, int]:
    """Page number and size. Raises BusinessError outside the documented range."""
    number, size = _whole(params.get("CurrentPage") or "1"), _whole(params.get("PageSize") or "10")
    if number < 1 or not 1 <= size <= highest:
        raise BusinessError("iot.common.InvalidPageParams")
    return number, size


def cut(params: Mapping[str, str], rows: Sequence[Row], highest: int) -> Page[Row]:
    """The page that the parameters ask for."""
    number, size = bounds(params, highest)
    return Page(rows[(number - 1) * size : number * size], number, size, len(rows))


def cut_deep(
    params: Mapping[str, str], rows: Sequence[Row], highest: int, listing: str, when_refused: str
) -> Page[Row]:
    """The page that the parameters ask for, where deep ones need a token.

    `listing` names what is listed, so that no token serves another listing. `when_refused`: `refuse` or `empty`.
    """
    number, size = bounds(params, highest)
    given = params.get("NextToken", "")
    if given and given != _token(listing, number, size):
        raise BusinessError("iot.common.InvalidPageParams", "NextToken is not that of the page before")
    deep = number * size > TOKENLESS_ROWS
    if (deep and not given) or number * size >= DEEPEST_ROWS:
        if when_refused == "refuse":
            raise BusinessError("iot.common.InvalidPageParams", "page too deep")
        return Page((), number, size, len(rows))
    is_last = number * size >= len(rows)
    token = "" if is_last else _token(listing, number + 1, size)
    return Page(rows[(number - 1) * size : number * size], number, size, len(rows), token)


def _token(listing: str, number: int, size: int) -> str:
    return base64.urlsafe_b64encode(f"{listing}/{number}/{size}".encode()).decode()


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise BusinessError("iot.common.InvalidPageParams")
    return int(text)
