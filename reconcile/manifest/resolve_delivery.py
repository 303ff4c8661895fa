"""Delivery settings of a stack: merged per key, in seconds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from reconcile.manifest.conflicts import Claim, disagreements
from reconcile.manifest.layer import Contribution, Setting
from reconcile.manifest.layer_codes import BAD_DURATION, BAD_WINDOW, URGENCY_AGAINST_MODE
from reconcile.manifest.resolve_faults import Fault
from reconcile.model.desired import TRIGGERS, Budget, Delivery, DeliveryMode, Urgency, WriteMode
from reconcile.model.values import Json, JsonObject, canonical, same

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"(?:[0-9]+[dhms])+")
_DURATIONS: Mapping[str, Callable[[Delivery, int], Delivery]] = {
    "expireAfter": lambda delivery, seconds: replace(delivery, expire_after_s=seconds),
    "validAfter": lambda delivery, seconds: replace(delivery, valid_after_s=seconds),
    "timeout": lambda delivery, seconds: replace(delivery, timeout_s=seconds),
    "wakesEvery": lambda delivery, seconds: replace(delivery, wakes_every_s=seconds),
    "reachableWithin": lambda delivery, seconds: replace(delivery, reachable_within_s=seconds),
    "backoff": lambda delivery, seconds: replace(delivery, backoff_s=seconds),
}


def resolve_delivery(layers: Sequence[Contribution]) -> tuple[Delivery, tuple[Fault, ...]]:
    """How writes to the devices of a stack travel; `layers` run low to high."""
    faults: list[Fault] = []
    claims: dict[str, list[Claim[Json]]] = {}
    for layer in layers:
        for key, (value, span) in layer.delivery.items():
            claims.setdefault(key, []).append(Claim(layer, value, span))
    settings: dict[str, Setting] = {}
    for key, wanted in claims.items():
        faults += disagreements(f"delivery {key}", wanted, _is_same, _shown)
        settings[key] = (wanted[-1].wanted, wanted[-1].span)
    delivery = _merged(settings, faults)
    faults += _window_faults(delivery, settings)
    faults += _urgency_faults(delivery, settings)
    return delivery, tuple(faults)


def _is_same(left: Json, right: Json) -> bool:
    if isinstance(left, list) and isinstance(right, list):
        return sorted(map(str, left)) == sorted(map(str, right))
    return same(left, right) or (duration_s(left) is not None and duration_s(left) == duration_s(right))


def _shown(value: Json) -> str:
    return canonical(value).decode()


def duration_s(value: Json) -> int | None:
    """Seconds of `25s`, `72h`, `1h30m` or a whole number of seconds; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        return None
    return sum(int(number) * _SECONDS[unit] for number, unit in re.findall(r"([0-9]+)([dhms])", value))


def _merged(settings: Mapping[str, Setting], faults: list[Fault]) -> Delivery:
    delivery = Delivery()
    for key, (value, span) in settings.items():
        if key in _DURATIONS:
            seconds = duration_s(value)
            if seconds is None:
                detail = f"Found {_shown(value)}, expected e.g. 25s, 30m, 72h or 7d"
                faults.append(Fault.of(BAD_DURATION, span, f"delivery {key}", detail))
            else:
                delivery = _DURATIONS[key](delivery, seconds)
        else:
            delivery = _with_setting(delivery, key, value)
    return delivery


def _with_setting(delivery: Delivery, key: str, value: Json) -> Delivery:
    if key == "mode":
        return replace(delivery, mode=DeliveryMode(str(value)))
    if key == "writeMode":
        is_replace = str(value) in ("1", "replace")
        return replace(delivery, write_mode=WriteMode.REPLACE if is_replace else WriteMode.UPDATE)
    if key == "retry" and isinstance(value, int):
        return replace(delivery, retry=value)
    if key == "requeue" and isinstance(value, int):
        return replace(delivery, requeue=value)
    if key == "trigger" and isinstance(value, list):
        return replace(delivery, trigger=tuple(name for name in TRIGGERS if name in value))
    if key == "urgency":
        return replace(delivery, urgency=Urgency(str(value)))
    if key == "budget" and isinstance(value, dict):
        return replace(delivery, budget=Budget(_limit(value, "wakeUpsPerDay"), _limit(value, "bytesPerDay")))
    return delivery


def _limit(budget: JsonObject, name: str) -> int | None:
    value = budget.get(name)
    return value if isinstance(value, int) else None


def _urgency_faults(delivery: Delivery, settings: Mapping[str, Setting]) -> list[Fault]:
    if delivery.urgency is not Urgency.WHENEVER or delivery.mode is not DeliveryMode.NOW:
        return []
    detail = (
        "urgency is whenever (rides on an uplink that happens anyway) and mode is now (always an instant call). "
        "Take mode auto or queue, or another urgency"
    )
    return [Fault.of(URGENCY_AGAINST_MODE, settings["urgency"][1], "delivery", detail)]


def _window_faults(delivery: Delivery, settings: Mapping[str, Setting]) -> list[Fault]:
    if delivery.expire_after_s > delivery.valid_after_s:
        return []
    written = settings.get("expireAfter") or settings.get("validAfter")
    assert written is not None, "the product's own defaults do not contradict each other"
    detail = (
        f"expireAfter is {delivery.expire_after_s} s, validAfter {delivery.valid_after_s} s (60 s by default), and "
        "OneNET wants the expiry after it. Raise expireAfter, or lower validAfter"
    )
    return [Fault.of(BAD_WINDOW, written[1], "delivery", detail)]
