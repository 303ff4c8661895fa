"""An account in memory that answers listing calls as bytes, so that every reader works on what a socket would carry."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from reconcile.model.errors import Refused
from reconcile.platforms.aliyun.answers import Answer, read_answer
from reconcile.platforms.aliyun.wire import Call


def as_xml(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(as_xml(name, entry) for entry in value)
    if isinstance(value, dict):
        return f"<{name}>{''.join(as_xml(key, entry) for key, entry in value.items())}</{name}>"
    return f"<{name}>{escape(str(value).lower() if isinstance(value, bool) else str(value))}</{name}>"


def answer_of(body: dict[str, Any], *, is_xml: bool = False) -> Answer:
    body = {"RequestId": "R", "Success": True, **body}
    raw = as_xml("Response", body) if is_xml else json.dumps(body)
    return read_answer(200, raw.encode(), is_xml=is_xml)


class Cloud:
    """`devices` by product, newest last; `on_call` may change the account between two calls; `omits` by action."""

    def __init__(self, devices: dict[str, list[str]], *, is_xml: bool = False) -> None:
        self.devices = devices
        self.tags: dict[str, dict[str, str]] = {}
        self.is_xml = is_xml
        self.calls: list[Call] = []
        self.on_call: Callable[[int], None] = lambda number: None
        self.omits: dict[str, set[str]] = {}
        self.operations: dict[str, Callable[[dict[str, str]], dict[str, Any]]] = {
            "QueryProductList": self.product_list,
            "QueryDevice": self.device_list,
            "QueryDeviceByTags": self.by_tags,
            "QueryDeviceDetail": self.detail,
            "BatchQueryDeviceDetail": self.batch_detail,
            "BatchGetDeviceState": self.batch_state,
        }
        self.bends: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda action, body: body

    async def read(self, call: Call) -> Answer:
        self.calls.append(call)
        body = self.operations[call.action](dict(call.query))
        self.on_call(len(self.calls))
        return answer_of(self.bends(call.action, body), is_xml=self.is_xml)

    def product_list(self, query):
        found = [
            {"ProductKey": key, "ProductName": f"name of {key}", "DeviceCount": len(d)}
            for key, d in self.devices.items()
        ]
        size, page = int(query["PageSize"]), int(query["CurrentPage"])
        shown = found[(page - 1) * size : page * size]
        pages = {"Total": len(found), "PageCount": -(-len(found) // size), "CurrentPage": page, "PageSize": size}
        return {"Data": {**pages, "List": {"ProductInfo": shown}}}

    def device_list(self, query):
        names = list(reversed(self.devices[query["ProductKey"]]))
        return self._page(query, names, "DeviceInfo", query["ProductKey"])

    def by_tags(self, query):
        found = [
            f"{key}/{name}"
            for key, names in self.devices.items()
            for name in names
            if self.tags.get(name, {}).get(query["Tag.1.TagKey"]) == query["Tag.1.TagValue"]
        ]
        return self._page(query, found, "SimpleDeviceInfo", None)

    def batch_detail(self, query):
        rows = [self._detail(query["ProductKey"], name) for name in self._named(query, "BatchQueryDeviceDetail")]
        return {"Data": {"Data": rows}}

    def batch_state(self, query):
        names = self._named(query, "BatchGetDeviceState")
        rows = [{"DeviceName": name, "Status": "OFFLINE", "Timestamp": 1795334400000} for name in names]
        return {"DeviceStatusList": {"DeviceStatus": rows}}

    def detail(self, query):
        if query["DeviceName"] not in self.devices[query["ProductKey"]]:
            raise Refused("gone", vendor_code="iot.device.NotExistedDevice")
        return {"Data": self._detail(query["ProductKey"], query["DeviceName"])}

    def _named(self, query, action):
        asked = [value for key, value in query.items() if key.startswith("DeviceName.")]
        there = set(self.devices[query["ProductKey"]]) - self.omits.get(action, set())
        return [name for name in asked if name in there]

    def _detail(self, key, name):
        told = {"ProductName": f"name of {key}", "FirmwareVersion": "1.2.3", "Nickname": f"the {name}"}
        return {"ProductKey": key, "DeviceName": name, "DeviceSecret": "hunter2", "Status": "OFFLINE", **told}

    def _page(self, query, names, container, product):
        size, page = int(query["PageSize"]), int(query["CurrentPage"])
        rows = []
        for name in names[(page - 1) * size : page * size]:
            key, _, bare = name.rpartition("/")
            rows.append(
                {"ProductKey": product or key, "DeviceName": bare, "IotId": f"i-{bare}", "DeviceSecret": "hunter2"}
            )
        more = f"after-{page}" if page * size < len(names) else ""
        return {
            "Data": {container: rows},
            "Total": len(names),
            "Page": page,
            "PageSize": size,
            "PageCount": -(-len(names) // size),
            "NextToken": more,
        }
