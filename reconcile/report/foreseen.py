"""What a plan foresees, in sentences: which way it goes, when devices confirm, what nobody can say, what it costs."""

from __future__ import annotations

from reconcile.model.energy import NO_ENERGY, Energy
from reconcile.model.forecast import Forecast
from reconcile.model.plan import ChangeClass, Plan
from reconcile.report.messages import Texts
from reconcile.report.view import age
from reconcile.report.ways import class_ways, plan_ways


def foreseen(plan: Plan, texts: Texts) -> list[str]:
    """Beyond the acceptance by the clouds; nothing when no device has anything to confirm."""
    forecast = plan.summary.forecast
    sentences = plan_ways(plan, texts) + ([] if forecast is None else _confirmed(forecast, texts))
    if plan.summary.energy != NO_ENERGY:
        sentences.append(texts("plan.costs", cost=cost(plan.summary.energy, texts)))
    return sentences


def class_facts(group: ChangeClass, texts: Texts) -> list[str]:
    """Which way a class goes, and what it costs its devices."""
    spent = [cost(group.energy, texts)] if group.energy != NO_ENERGY else []
    return class_ways(group, texts) + spent


def cost(energy: Energy, texts: Texts) -> str:
    """`13 wake-ups, on uplinks that happen anyway, 1,240 bytes`."""
    shown = [texts.count("wakeup", energy.wakeups)]
    if not energy.wakeups:
        shown = [texts("cost.joins")]
    elif energy.riding == energy.wakeups:
        shown.append(texts("cost.riding"))
    elif energy.riding:
        shown.append(texts("cost.partly_riding", n=energy.riding))
    return texts("cost.and").join([*shown, texts.count("byte", energy.payload_bytes)])


def _confirmed(forecast: Forecast, texts: Texts) -> list[str]:
    said = []
    if forecast.known:
        devices = texts.count("device", forecast.known)
        half, most = (after(seconds, texts) for seconds in (forecast.half_s, forecast.most_s))
        key = "plan.confirmed" if forecast.most_s != 0 else "plan.confirmed_at_once"
        said.append(texts(key, devices=devices, half=half, most=most))
    if forecast.outlive:
        said.append(texts("plan.outlive", devices=texts.count("device", forecast.outlive)))
    if (later := forecast.later) is not None:
        devices, turns = texts.count("device", later.devices), texts.count("uplink", later.turns)
        said.append(texts("plan.later", devices=devices, uplinks=turns, all=after(later.all_s, texts)))
    if forecast.unknown:
        said.append(texts("plan.unforeseen", devices=texts.count("device", forecast.unknown)))
    return said


def after(seconds: int | None, texts: Texts) -> str:
    """`after about 10m`, `at once`, or that it will not be."""
    if seconds is None:
        return texts("foreseen.never")
    return texts("foreseen.after", age=age(seconds, texts)) if seconds else texts("foreseen.at_once")
