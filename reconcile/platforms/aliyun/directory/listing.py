"""The devices of an account as an inventory takes them: which exist, and the facts that the cloud tells of each.

    products, or all of them  --QueryDevice-->  names  --BatchQueryDeviceDetail, BatchGetDeviceState-->  facts
    tags                 --QueryDeviceByTags, one tag a walk, intersected here-->  names  -->  the same

Premise: batch calls leave out what they do not find, without a word; and what is told in detail becomes labels, so a
device without its firmware would lose the profiles that select by it.
Rule: a device whose details are left out is asked for alone. Gone: it was deleted while we listed. There: it is listed
with what that answer tells. Anything else fails the listing. A state that is left out costs no label.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from functools import partial
from typing import Final

from reconcile.model.device import Identity
from reconcile.model.errors import Refused
from reconcile.platforms.aliyun.directory import devices, products, states, tags
from reconcile.platforms.aliyun.directory.asking import Asking
from reconcile.platforms.aliyun.directory.devices import DeviceEntry
from reconcile.platforms.aliyun.directory.limits import DEVICES_A_DETAIL, DEVICES_A_STATE
from reconcile.platforms.aliyun.directory.paging import Paged, walk
from reconcile.platforms.aliyun.directory.states import DeviceState
from reconcile.ports import ListedDevice, Listing

_GONE: Final = "iot.device.NotExistedDevice"


async def list_devices(asking: Asking, listing: Listing) -> AsyncIterator[ListedDevice]:
    """Every device of the listing once, with its facts. Raises: CallFailed."""
    if listing.tags:
        found = await _tagged(asking, listing.tags)
        wanted = set(listing.products)
        for product_key, entries in _by_product(found, wanted).items():
            for start in range(0, len(entries), DEVICES_A_DETAIL):
                async for device in _described(asking, product_key, entries[start : start + DEVICES_A_DETAIL]):
                    yield device
        return
    keys = list(dict.fromkeys(listing.products)) or [product.product_key async for product in all_products(asking)]
    for product_key in keys:
        batch: list[DeviceEntry] = []
        async for entry in devices_of(asking, product_key):
            batch.append(entry)
            if len(batch) == DEVICES_A_DETAIL:
                async for device in _described(asking, product_key, batch):
                    yield device
                batch = []
        async for device in _described(asking, product_key, batch):
            yield device


def all_products(asking: Asking) -> AsyncIterator[products.Product]:
    """Every product that the account lists. Raises: CallFailed."""
    return walk(
        asking,
        Paged(
            call=lambda page, _: products.query_products(page),
            read=products.read_products,
            key=lambda product: product.product_key,
        ),
    )


def devices_of(asking: Asking, product_key: str) -> AsyncIterator[DeviceEntry]:
    """Every device of a product. Raises: CallFailed."""
    return walk(
        asking,
        Paged(
            call=lambda page, token: devices.query_devices(product_key, page, token),
            read=lambda answer: devices.read_devices(answer, product_key),
            key=lambda entry: entry.key,
            needs_tokens=True,
        ),
    )


async def _tagged(asking: Asking, wanted: Mapping[str, str]) -> list[DeviceEntry]:
    """The devices that carry every tag: what all the searches have in common."""
    common: dict[tuple[str, str], DeviceEntry] | None = None
    for key, value in wanted.items():
        found = {entry.key: entry async for entry in devices_tagged(asking, key, value)}
        common = found if common is None else {name: common[name] for name in common if name in found}
        if not common:
            return []
    return list((common or {}).values())


def devices_tagged(asking: Asking, key: str, value: str) -> AsyncIterator[DeviceEntry]:
    """Every device that carries one tag. Raises: CallFailed."""
    return walk(
        asking,
        Paged(
            call=lambda page, _: tags.query_by_tag(key, value, page),
            read=tags.read_tagged,
            key=lambda entry: entry.key,
        ),
    )


def _by_product(entries: Iterable[DeviceEntry], wanted: set[str]) -> dict[str, list[DeviceEntry]]:
    found: dict[str, list[DeviceEntry]] = {}
    for entry in entries:
        if not wanted or entry.product_key in wanted:
            found.setdefault(entry.product_key, []).append(entry)
    return found


async def _described(asking: Asking, product_key: str, batch: list[DeviceEntry]) -> AsyncIterator[ListedDevice]:
    """Up to 100 devices of one product with their facts; those that are gone by now are left out."""
    if not batch:
        return
    names = [entry.device_name for entry in batch]
    read_details = partial(devices.read_details, product_key=product_key, names=names)
    details = await asking.ask(devices.query_details(product_key, names), read_details)
    told: dict[str, DeviceState] = {}
    for start in range(0, len(names), DEVICES_A_STATE):
        some = names[start : start + DEVICES_A_STATE]
        told |= await asking.ask(states.batch_states(product_key, some), partial(states.read_states, names=some))
    for entry in batch:
        detail, state = details.get(entry.device_name), told.get(entry.device_name)
        if detail is None:
            detail = await _alone(asking, entry)
            if detail is None:
                continue
        yield _listed(entry, detail, state)


async def _alone(asking: Asking, entry: DeviceEntry) -> DeviceEntry | None:
    """A device whose details were left out; None when it does not exist any more."""
    identity = Identity.of(productKey=entry.product_key, deviceName=entry.device_name)
    try:
        return await asking.ask(devices.query_detail(identity), lambda answer: devices.read_detail(answer, identity))
    except Refused as exc:
        if exc.vendor_code == _GONE:
            return None
        raise


def _listed(entry: DeviceEntry, detail: DeviceEntry, state: DeviceState | None) -> ListedDevice:
    """Fields and facts; a fact that nobody tells is left out."""
    last = max((at for at in (state.last_contact if state else None, detail.last_online) if at), default=None)
    facts = {
        "firmware": detail.firmware,
        "model": detail.product_name or entry.product_name,
        "status": (state.status if state else "") or detail.status or entry.status,
        "lastContact": last.isoformat(timespec="milliseconds").replace("+00:00", "Z") if last else "",
        "nickname": detail.nickname or entry.nickname,
    }
    return ListedDevice(
        name=entry.device_name,
        fields={"productKey": entry.product_key, "deviceName": entry.device_name},
        facts={name: fact for name, fact in facts.items() if fact},
    )
