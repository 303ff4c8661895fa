"""The parameters of OneNET's calls as data: what the checks hold them against, and what a description is made from.

Source: OneNET NB-IoT book, list/1 to list/34; Studio book, api/application and api/common.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `type` is string, integer, number, boolean, time (zone-less), object or array.

    A range is inclusive; `place` is query, path or body. `default` is the platform's for a parameter left out.
    """

    name: str
    type: str = "string"
    is_required: bool = False
    lowest: int | None = None
    highest: int | None = None
    default: int | None = None
    choices: tuple[str, ...] = ()
    place: str = "query"

    @property
    def required(self) -> Parameter:
        """The same one, required."""
        return replace(self, is_required=True)

    @property
    def in_body(self) -> Parameter:
        """The same one, in the JSON body."""
        return replace(self, place="body")


IMEI = Parameter("imei", is_required=True)
OBJ = Parameter("obj_id", "integer", lowest=0, highest=65535)
INSTANCE = Parameter("obj_inst_id", "integer", lowest=0, highest=65535)
RESOURCE = Parameter("res_id", "integer", lowest=0, highest=65535)
TIMEOUT = Parameter("timeout", "integer", lowest=5, highest=40, default=25)
MODE = Parameter("mode", "integer", is_required=True, lowest=1, highest=2)
VALID_TIME = Parameter("valid_time", "time")
EXPIRED_TIME = Parameter("expired_time", "time", is_required=True)
RETRY = Parameter("retry", "integer", lowest=0, highest=10, default=3)
TRIGGER = Parameter("trigger_msg", "integer", lowest=1, highest=7, default=7)
BIN2HEX = Parameter("bin2hex", "boolean")
DATA = Parameter("data", "array", is_required=True, place="body")
ARGS = Parameter("args", place="body")
CANCEL = Parameter("cancel", "boolean", is_required=True)
PMIN = Parameter("pmin", "integer", lowest=0, highest=2**31 - 1, default=0)
PMAX = Parameter("pmax", "integer", lowest=0, highest=2**31 - 1)
GREATER = Parameter("gt", "number")
LESS = Parameter("lt", "number")
STEP = Parameter("st", "number")
START = Parameter("start", "time", is_required=True)
END = Parameter("end", "time")
UUID = Parameter("uuid")
SORT = Parameter("sort", choices=("ASC", "DESC"))
PAGE = Parameter("page", "integer", lowest=1, highest=10000, default=1)
PER_PAGE = Parameter("per_page", "integer", lowest=1, highest=100, default=30)
LONG_PAGE = Parameter("per_page", "integer", lowest=1, highest=10000, default=30)
DEVICE_IDS = Parameter("devIds", is_required=True)
POINTS = Parameter("limit", "integer", lowest=1, highest=6000, default=100)
PROJECT = Parameter("project_id", is_required=True)
PRODUCT = Parameter("product_id", is_required=True)
GROUP = Parameter("group_id")
DEVICE_NAME = Parameter("device_name", is_required=True)
OFFSET = Parameter("offset", "integer", lowest=0, highest=2**31 - 1, default=0)
LIMIT = Parameter("limit", "integer", lowest=1, highest=100, default=10)
PARAMS = Parameter("params", "object", is_required=True, place="body")
IDENTIFIERS = Parameter("params", "array", place="body")

INSTANT_READ = (IMEI, OBJ.required, INSTANCE, RESOURCE, TIMEOUT)
INSTANT_WRITE = (IMEI, OBJ.required, INSTANCE.required, MODE, TIMEOUT, DATA)
INSTANT_EXECUTE = (IMEI, OBJ.required, INSTANCE.required, RESOURCE.required, TIMEOUT, ARGS)
OBSERVING = (IMEI, OBJ.required, INSTANCE, RESOURCE, CANCEL, PMIN, PMAX, GREATER, LESS, STEP, TIMEOUT)
DISCOVERY = (IMEI, OBJ.required, INSTANCE, TIMEOUT)
LISTED_RESOURCES = (IMEI, OBJ)
QUEUEING = (VALID_TIME, EXPIRED_TIME, RETRY, TIMEOUT, TRIGGER)
CACHED_READ = (IMEI, OBJ.required, INSTANCE, RESOURCE, BIN2HEX, *QUEUEING)
CACHED_WRITE = (IMEI, OBJ.required, INSTANCE.required, MODE, *QUEUEING, DATA)
CACHED_EXECUTE = (IMEI, OBJ.required, INSTANCE.required, RESOURCE.required, *QUEUEING, ARGS)
HISTORY = (IMEI, START, END, PAGE, PER_PAGE, SORT, UUID)
OF_DEVICE = (IMEI,)

LIMITS: Mapping[str, int] = {
    "data_bytes": 2048,
    "args_bytes": 2048,
    "cached_commands_per_device": 10,
    "status_ids": 1000,
    "datapoint_ids": 500,
    "listed_ids": 100,
    "studio_body_bytes": 4 * 1024 * 1024,
}
"""Documented limits (reference, section 5)."""
