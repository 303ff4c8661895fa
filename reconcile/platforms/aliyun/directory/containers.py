"""Where a call puts its list, e.g. `Data.DeviceInfo[]`, `Data.Data[]`, `DeviceStatusList.DeviceStatus[]`.

In XML a list of one is a single element and an empty list an empty text; both are read as lists.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject
from reconcile.platforms.aliyun.answers import Answer, Unreadable
from reconcile.platforms.aliyun.fields import integer, text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page. `total` counts what there is in all, `pages` the pages of this size; None where nothing says."""

    entries: tuple[T, ...]
    total: int | None = None
    pages: int | None = None
    next_token: str = ""


def entries(answer: Answer, *path: str) -> list[JsonObject]:
    """The objects of the list at that path; none when it is missing or empty. Raises: Unreadable for another shape."""
    found: Json = answer.document
    for name in path:
        if found in (None, "", [], {}):
            return []
        if not isinstance(found, dict):
            raise Unreadable(f"{'.'.join(path)} is not where it should be")
        found = found.get(name)
    if found in (None, "", [], {}):
        return []
    listed = found if isinstance(found, list) else [found]
    objects = [entry for entry in listed if isinstance(entry, dict)]
    if len(objects) != len(listed):
        raise Unreadable(f"an entry of {'.'.join(path)} is not an object")
    return objects


def paged(answer: Answer, found: tuple[T, ...]) -> Page[T]:
    """Entries with the page's numbers, which stand beside `Data`, or for products inside it.

    Raises: Unreadable for no entries and no number either: that is no list which happens to be empty.
    """
    numbers = answer.document if "PageCount" in answer.document or "Total" in answer.document else answer.data
    total, pages = integer(numbers.get("Total")), integer(numbers.get("PageCount"))
    if not found and total is None and pages is None:
        raise Unreadable("neither entries nor how many there are")
    return Page(found, total, pages, text(answer.document, "NextToken"))


def numbered(name: str, values: tuple[str, ...]) -> dict[str, str]:
    """`Name.1`, `Name.2`, ..."""
    return {f"{name}.{number}": value for number, value in enumerate(values, start=1)}


def page_parameters(number: int, size: int, token: str = "") -> dict[str, str]:
    """`CurrentPage` and `PageSize`, and the `NextToken` of the page before when there is one."""
    page = {"CurrentPage": str(number), "PageSize": str(size)}
    return {**page, "NextToken": token} if token else page
