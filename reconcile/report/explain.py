"""Why a device is as it is: of each resource every layer, the winner, what is recorded, what was seen, the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from reconcile.model.desired import Command, DesiredResource, Layer, Ownership
from reconcile.model.diagnostic import Span
from reconcile.model.fleet import DesiredDevice
from reconcile.model.observed import ObservedDevice
from reconcile.model.recorded import RecordedDevice, RecordedResource
from reconcile.report.explain_case import Case
from reconcile.report.explain_facts import observed_lines, recorded_lines, run_facts
from reconcile.report.sanitise import inert
from reconcile.report.style import columns_of, pad, table
from reconcile.report.values import show
from reconcile.report.view import View, finish


def explain_text(  # noqa: PLR0913 - each room adds what it knows, and three say how it is shown
    device: DesiredDevice,
    recorded: RecordedDevice | None,
    observed: ObservedDevice | None,
    *,
    resource: str | None = None,
    sentences: Mapping[str, str],
    names: Mapping[str, str] = MappingProxyType({}),
    delivery: str = "",
    rollout: str = "",
    now: datetime | None = None,
    lang: str = "en",
    color: bool = False,
    width: int = 80,
) -> str:
    """All of a device, or only one `resource` (a path, or the name of a command).

    `sentences` says by path, or by name of a command, why the plan does or does not touch it; `names` how the device's
    model calls a path. `delivery` says why its writes are sent now or queued, `rollout` in which wave it is; with `now`
    times are given as ages, too.
    """
    view = View.of(lang, color=color, width=width)
    case = Case(device, recorded, observed, sentences, names, view, delivery, now)
    found = [line for block in _blocks(case, resource) for line in block]
    if not found and resource is not None:
        found = ["", *view.wrap(view.texts("explain.no_such", resource=inert(resource)))]
    return finish([*_head(case, rollout), *found])


def _blocks(case: Case, wanted: str | None) -> Iterator[list[str]]:
    """A block of lines for each resource and command that is asked for."""
    declared = {resource.path: resource for resource in case.device.document.resources}
    records = {} if case.recorded is None else case.recorded.resources
    for path in sorted({*declared, *records}):
        if wanted in (None, path):
            yield list(_resource(case, path, declared.get(path), records.get(path)))
    for command in case.device.document.commands:
        if wanted in (None, command.name, command.execute):
            yield list(_command(case, command))


def _head(case: Case, rollout: str) -> Iterator[str]:
    view, device = case.view, case.device.device
    yield from view.wrap(view.paint("bold", view.texts("explain.device", device=inert(str(device.ref)))))
    labels = ", ".join(f"{inert(name)}={inert(value)}" for name, value in sorted(device.labels.items()))
    facts = {"identity": inert(str(device.identity)), "labels": labels, "declared": inert(str(device.span))}
    facts["delivery"] = view.texts.reason(case.delivery)
    facts["rollout"] = rollout
    uplink = None if case.recorded is None else case.recorded.last_uplink
    if uplink is not None and case.now is not None:
        facts["heard"] = case.at(uplink)
    told = {view.texts(f"explain.{name}"): text for name, text in facts.items() if text}
    size = max(map(columns_of, told))
    for label, text in told.items():
        yield from view.wrap(text, f"  {pad(label, size)}  ", " " * (size + 4))
    if case.observed is not None and case.observed.problem is not None:
        problem = view.texts("explain.problem", problem=inert(case.observed.problem))
        yield from view.wrap(view.paint("warning", problem), "  ")


def _resource(
    case: Case, path: str, desired: DesiredResource | None, recorded: RecordedResource | None
) -> Iterator[str]:
    view = case.view
    value = "" if desired is None else show(desired.value, view.texts)
    yield ""
    named = f" ({inert(case.names[path])})" if path in case.names else ""
    yield from table([[view.paint("bold", inert(path)) + named, value]], view.width)
    yield from _layers(desired, view)
    if desired is not None and desired.after:
        follows = view.texts("explain.follows", paths=", ".join(map(inert, desired.after)))
        yield from view.wrap(follows, "  ")
    yield from recorded_lines(case, recorded)
    yield from observed_lines(case, path)
    yield from case.fact("plan", _sentence(case, path))


def _layers(desired: DesiredResource | None, view: View) -> Iterator[str]:
    if desired is None or not desired.layers:
        yield from view.wrap(view.texts("explain.no_layer"), "  ")
        return
    yield from view.wrap(view.paint("dim", view.texts("explain.layers")), "  ")
    last = len(desired.layers) - 1
    rows = [_layer(layer, view, is_winner=position == last) for position, layer in enumerate(desired.layers)]
    yield from table(rows, view.width, indent="  ")


def _layer(layer: Layer, view: View, *, is_winner: bool) -> list[str]:
    mark = "*" if is_winner else " "
    value = show(layer.value, view.texts)
    if layer.ownership is not Ownership.ENFORCE:
        value = f"{value} ({view.texts('explain.mode', mode=layer.ownership.value)})"
    won = view.paint("good", view.texts("explain.wins")) if is_winner else ""
    return [f"{mark} {inert(layer.name)}", value, _place(layer.span, view), won]


def _place(span: Span, view: View) -> str:
    return inert(str(span)) or view.texts("explain.nowhere")


def _sentence(case: Case, *names: str) -> str:
    found = next((case.sentences[name] for name in names if name in case.sentences), None)
    return case.view.texts("explain.no_sentence") if found is None else case.view.texts.reason(found)


def _command(case: Case, command: Command) -> Iterator[str]:
    view = case.view
    name = view.paint("bold", view.texts("explain.command", name=inert(command.name)))
    executes = view.texts("explain.execute", path=inert(command.execute))
    args = "" if command.args is None else show(command.args, view.texts)
    yield ""
    yield from table([[name, f"{executes} {args}".rstrip(), inert(str(command.span))]], view.width)
    if command.trigger is not None:
        yield from view.wrap(view.texts("explain.trigger", trigger=show(command.trigger, view.texts)), "  ")
    elif command.after:
        yield from view.wrap(view.texts("explain.after", paths=", ".join(map(inert, command.after))), "  ")
    if command.before:
        yield from view.wrap(view.texts("explain.before", paths=", ".join(map(inert, command.before))), "  ")
    if command.waits_for_confirmation:
        yield from view.wrap(view.texts("explain.wait_for_confirmed"), "  ")
    run = None if case.recorded is None else case.recorded.runs.get(command.name)
    yield from case.fact("last_run", *run_facts(run, case))
    yield from case.fact("plan", _sentence(case, command.name, command.execute))
