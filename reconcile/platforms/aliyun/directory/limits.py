"""How often the account may call, and how much fits into a call.

Source: Aliyun IoT, the page of each operation; limits are those of the account with all its users.
"""

from __future__ import annotations

from typing import Final

CALLS_PER_SECOND: Final = {
    "BatchGetDeviceState": 50,
    "BatchQueryDeviceDetail": 5,
    "GetDeviceStatus": 500,
    "GetThingModelTslPublished": 20,
    "ListThingModelVersion": 10,
    "QueryDevice": 50,
    "QueryDeviceByStatus": 50,
    "QueryDeviceByTags": 5,
    "QueryDeviceDetail": 50,
    "QueryDeviceGroupByDevice": 50,
    "QueryDeviceGroupList": 100,
    "QueryDeviceListByDeviceGroup": 5,
    "QueryDeviceProp": 50,
    "QueryDynamicGroupDevices": 50,
    "QueryProduct": 50,
    "QueryProductList": 50,
    "QueryThingModel": 10,
    "QueryThingModelPublished": 10,
}
"""GetThingModelTsl has no documented limit; it is taken to be that of GetThingModelTslPublished."""

DEEP_ENTRIES: Final = 100_000
DEEP_CALLS_PER_SECOND: Final = 2
"""QueryDevice and QueryProductList once page x size reaches 100,000."""

TOKEN_ENTRIES: Final = 10_000
"""QueryDevice: once page x size exceeds this, the call carries the NextToken of the page before."""

MOST_ENTRIES: Final = 1_000_000
"""QueryDevice: page x size stays below this; what lies beyond cannot be listed."""

DEVICES_A_PAGE: Final = 50
"""QueryDevice, QueryDeviceByTags, QueryDeviceByStatus."""

GROUPS_A_PAGE: Final = 200
PRODUCTS_A_PAGE: Final = 200
DYNAMIC_GROUP_DEVICES_A_PAGE: Final = 200
DEVICES_A_DETAIL: Final = 100
DEVICES_A_STATE: Final = 50
TAGS_A_CALL: Final = 10


def pause_s(action: str, entries_so_far: int = 0) -> float:
    """The least time between two calls of an action that keeps within its limit."""
    per_second = CALLS_PER_SECOND.get(action, 20)
    if entries_so_far >= DEEP_ENTRIES and action in ("QueryDevice", "QueryProductList"):
        per_second = DEEP_CALLS_PER_SECOND
    return 1 / per_second
