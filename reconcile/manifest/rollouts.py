"""The `rollout` of a profile: waves, canaries, gates and windows; and rules that nothing could satisfy."""

from __future__ import annotations

from collections.abc import Iterable

from reconcile.manifest.document import Document
from reconcile.manifest.hours import read_hours
from reconcile.manifest.layer_codes import ROLLOUT_UNSATISFIABLE
from reconcile.manifest.members import list_of, number_of, object_of
from reconcile.model.diagnostic import Diagnostic
from reconcile.model.rollout import Hours, Rollout, Wave
from reconcile.model.values import JsonObject, canonical, short_digest

_AT = ("spec", "rollout")


def read_rollouts(documents: Iterable[Document]) -> tuple[dict[str, Rollout], list[Diagnostic]]:
    """The rollout of every profile that has one, by the profile's name, and what is wrong with them."""
    rollouts: dict[str, Rollout] = {}
    problems: list[Diagnostic] = []
    for document in documents:
        spec = object_of(document.body.get("spec"))
        if "rollout" in spec:
            rollouts[document.name] = _read(document, object_of(spec["rollout"]), problems)
    return rollouts, problems


def _read(document: Document, body: JsonObject, problems: list[Diagnostic]) -> Rollout:
    waves = tuple(_wave(object_of(wave)) for wave in list_of(body.get("waves")))
    _check_waves(document, waves, problems)
    canaries, gate, stop = (object_of(body.get(name)) for name in ("canaries", "advanceWhen", "abortWhen"))
    failed = number_of(stop.get("failedPercent"))
    if failed is not None and failed >= 100:
        detail = f"profile {document.name}: found failedPercent {failed:g}, and more than all devices cannot fail"
        problems.append(_problem(document, ("abortWhen", "failedPercent"), f"{detail}. Write less than 100"))
    order = object_of(body.get("order"))
    cover = tuple(map(str, list_of(canaries.get("cover"))))
    at_most = number_of(canaries.get("atMost"))
    first = (Wave(cover=cover, at_most=None if at_most is None else int(at_most)),) if cover else ()
    confirmed, minimum = number_of(gate.get("confirmedPercent")), number_of(stop.get("minimum"))
    hours = _hours(document, object_of(body.get("windows")), problems)
    return Rollout(
        profile=document.name,
        id=short_digest(canonical([document.name, document.body.get("spec")])),
        waves=(*first, *waves),
        confirmed_percent=100.0 if confirmed is None else confirmed,
        failed_percent=failed,
        minimum=1 if minimum is None else int(minimum),
        order=(str(order.get("label", "")), tuple(map(str, list_of(order.get("values"))))),
        windows=hours.windows,
        zone=hours.zone,
        span=document.span(*_AT),
    )


def _wave(body: JsonObject) -> Wave:
    size = body.get("devices")
    return Wave(percent=float(size[:-1])) if isinstance(size, str) else Wave(count=int(number_of(size) or 1))


def _check_waves(document: Document, waves: tuple[Wave, ...], problems: list[Diagnostic]) -> None:
    """Each wave says how many devices are changed once it is sent, so it must say more than the one before."""
    for unit in ("percent", "count"):
        last: float = 0
        for number, wave in enumerate(waves):
            size = getattr(wave, unit)
            if size is not None and size <= last:
                shown = f"{size:g}%" if unit == "percent" else f"{size}"
                detail = f"profile {document.name}: found {shown} after {last:g}; each wave counts those before it"
                where = ("waves", number, "devices")
                problems.append(_problem(document, where, f"{detail}. Write growing numbers"))
            last = max(last, size or 0)
    if waves and waves[-1].percent != 100:
        detail = f"profile {document.name}: the last wave leaves devices unchanged for ever"
        where = ("waves", len(waves) - 1, "devices")
        problems.append(_problem(document, where, f"{detail}. End with {{devices: 100%}}"))


def _hours(document: Document, body: JsonObject, problems: list[Diagnostic]) -> Hours:
    def say(where: tuple[str | int, ...], detail: str) -> None:
        problems.append(_problem(document, ("windows", *where), f"profile {document.name}: {detail}"))

    return read_hours(body, say)


def _problem(document: Document, where: tuple[str | int, ...], detail: str) -> Diagnostic:
    return ROLLOUT_UNSATISFIABLE.at(document.span(*_AT, *where), detail)
