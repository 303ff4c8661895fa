"""Why a device is as it is: of each resource every layer, the winner, what is recorded, what was seen, the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from reconcile.model.desired import Command, DesiredResource, Layer, Ownership
from reconcile.model.diagnostic import Span
from reconcile.model.fleet import DesiredDevice
from reconcile.model.observed import ObservedDevice, ObservedResource
from reconcile.model.recorded import CONFIRMATIONS, RecordedDevice, RecordedResource, RecordedRun
from reconcile.model.values import UNKNOWN, Known
from reconcile.report.sanitise import inert
from reconcile.report.style import columns_of, pad, table
from reconcile.report.values import show
from reconcile.report.view import View, finish, moment, when

_LABELS = ("recorded", "queued", "confirmed", "cloud", "reported", "last_run", "plan")


def explain_text(  # noqa: PLR0913 - each room adds what it knows, and three say how it is shown
    device: DesiredDevice,
    recorded: RecordedDevice | None,
    observed: ObservedDevice | None,
    *,
    resource: str | None = None,
    sentences: Mapping[str, str],
    names: Mapping[str, str] = MappingProxyType({}),
    delivery: str = "",
    now: datetime | None = None,
    lang: str = "en",
    color: bool = False,
    width: int = 80,
) -> str:
    """All of a device, or only one `resource` (a path, or the name of a command).

    `sentences` says by path, or by name of a command, why the plan does or does not touch it; `names` how the device's
    model calls a path. `delivery` says why its writes are sent now or queued; with `now` times are given as ages, too.
    """
    view = View.of(lang, color=color, width=width)
    case = _Case(device, recorded, observed, sentences, names, view, delivery, now)
    found = [line for block in case.blocks(resource) for line in block]
    if not found and resource is not None:
        found = ["", *view.wrap(view.texts("explain.no_such", resource=inert(resource)))]
    return finish([*_head(case), *found])


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything known of one device, and how to show it."""

    device: DesiredDevice
    recorded: RecordedDevice | None
    observed: ObservedDevice | None
    sentences: Mapping[str, str]
    names: Mapping[str, str]
    view: View
    delivery: str = ""
    now: datetime | None = None

    def at(self, moment_: datetime) -> str:
        """A time, and how long ago it was."""
        return (
            moment(moment_) if self.now is None else f"{moment(moment_)} ({when(self.view.texts, moment_, self.now)})"
        )

    def blocks(self, wanted: str | None) -> Iterator[list[str]]:
        """A block of lines for each resource and command that is asked for."""
        declared = {resource.path: resource for resource in self.device.document.resources}
        records = {} if self.recorded is None else self.recorded.resources
        for path in sorted({*declared, *records}):
            if wanted in (None, path):
                yield list(_resource(self, path, declared.get(path), records.get(path)))
        for command in self.device.document.commands:
            if wanted in (None, command.name, command.execute):
                yield list(_command(self, command))

    def fact(self, label: str, *parts: str) -> list[str]:
        """A labelled line, the labels aligned."""
        texts = self.view.texts
        size = max(columns_of(texts(f"explain.{name}")) for name in _LABELS)
        head = f"  {pad(texts(f'explain.{label}'), size)}  "
        return self.view.flow(parts, head, " " * columns_of(head))


def _head(case: _Case) -> Iterator[str]:
    view, device = case.view, case.device.device
    yield from view.wrap(view.paint("bold", view.texts("explain.device", device=inert(str(device.ref)))))
    labels = ", ".join(f"{inert(name)}={inert(value)}" for name, value in sorted(device.labels.items()))
    facts = {"identity": inert(str(device.identity)), "labels": labels, "declared": inert(str(device.span))}
    facts["delivery"] = view.texts.reason(case.delivery)
    uplink = None if case.recorded is None else case.recorded.last_uplink
    if uplink is not None and case.now is not None:
        facts["heard"] = case.at(uplink)
    yield from table(
        [[view.texts(f"explain.{name}"), text] for name, text in facts.items() if text], view.width, indent="  "
    )
    if case.observed is not None and case.observed.problem is not None:
        problem = view.texts("explain.problem", problem=inert(case.observed.problem))
        yield from view.wrap(view.paint("warning", problem), "  ")


def _resource(
    case: _Case, path: str, desired: DesiredResource | None, recorded: RecordedResource | None
) -> Iterator[str]:
    view = case.view
    value = "" if desired is None else show(desired.value, view.texts)
    yield ""
    named = f" ({inert(case.names[path])})" if path in case.names else ""
    yield from table([[view.paint("bold", inert(path)) + named, value]], view.width)
    yield from _layers(desired, view)
    yield from _recorded(case, recorded)
    yield from _observed(case, path)
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


def _recorded(case: _Case, recorded: RecordedResource | None) -> Iterator[str]:
    view = case.view
    if recorded is None:
        yield from case.fact("recorded", view.paint("dim", view.texts("explain.not_recorded")))
        return
    facts = [show(recorded.value, view.texts)]
    if recorded.version is not None:
        facts.append(view.texts("explain.version", version=str(recorded.version)))
    is_open = recorded.delivery.is_open
    state = view.texts("delivery.accepted" if is_open else f"delivery.{recorded.delivery}")
    facts.append(f"{state} {case.at(recorded.accepted_at)}")
    if recorded.command_uuid is not None and not is_open:
        facts.append(f"uuid {inert(recorded.command_uuid)}")
    if recorded.is_leaving:
        facts.append(view.texts("status.leaving"))
    yield from case.fact("recorded", *facts)
    if is_open:
        yield from case.fact("queued", *_queued(case, recorded))
    confirmed = [view.texts("status.unconfirmed")]
    if recorded.confirmed_at is not None:
        confirmed = [show(recorded.confirmed, view.texts), case.at(recorded.confirmed_at)]
        if recorded.confirmed_by in CONFIRMATIONS:
            confirmed.append(view.texts(f"how.{recorded.confirmed_by}"))
    yield from case.fact("confirmed", *confirmed)


def _queued(case: _Case, recorded: RecordedResource) -> Iterator[str]:
    """The cached command that carries the value: how far it is, its uuid, since when, until when, which retry."""
    texts = case.view.texts
    yield texts(f"delivery.{recorded.delivery}")
    yield texts("explain.since", at=case.at(recorded.accepted_at))
    if recorded.expires_at is not None:
        yield texts("status.expires", when=case.at(recorded.expires_at))
    if recorded.command_uuid is not None:
        yield f"uuid {inert(recorded.command_uuid)}"
    if recorded.retries:
        yield texts("status.retries", n=recorded.retries)


def _observed(case: _Case, path: str) -> Iterator[str]:
    view = case.view
    if case.observed is None:
        not_asked = view.paint("dim", view.texts("value.not_asked"))
        yield from [*case.fact("cloud", not_asked), *case.fact("reported", not_asked)]
        return
    seen = case.observed.resources.get(path, ObservedResource())
    cloud = _seen(seen.cloud, view)
    if seen.version is not None:
        cloud += " · " + view.texts("explain.version", version=str(seen.version))
    reported = _seen(seen.reported, view)
    if seen.reported_at is not None:
        reported += f" · {case.at(seen.reported_at)}"
    yield from [*case.fact("cloud", cloud), *case.fact("reported", reported)]


def _seen(value: Known, view: View) -> str:
    shown = show(value, view.texts)
    return view.paint("dim", shown) if value is UNKNOWN else shown


def _sentence(case: _Case, *names: str) -> str:
    found = next((case.sentences[name] for name in names if name in case.sentences), None)
    return case.view.texts("explain.no_sentence") if found is None else case.view.texts.reason(found)


def _command(case: _Case, command: Command) -> Iterator[str]:
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
    run = None if case.recorded is None else case.recorded.runs.get(command.name)
    yield from case.fact("last_run", *_run(run, case))
    yield from case.fact("plan", _sentence(case, command.name, command.execute))


def _run(run: RecordedRun | None, case: _Case) -> list[str]:
    view = case.view
    if run is None:
        return [view.paint("dim", view.texts("explain.never_run"))]
    facts = [f"{view.texts(f'delivery.{run.delivery}')} {case.at(run.at)}", inert(run.key)]
    if run.expires_at is not None and run.delivery.is_open:
        facts.append(view.texts("status.expires", when=case.at(run.expires_at)))
    if run.command_uuid is not None:
        facts.append(f"uuid {inert(run.command_uuid)}")
    if run.retries:
        facts.append(view.texts("status.retries", n=run.retries))
    if run.is_owed:
        facts.append(view.texts("status.owed"))
    return facts
