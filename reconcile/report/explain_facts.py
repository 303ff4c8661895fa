"""The recorded and observed facts of one resource, and of the last run of a command."""

from __future__ import annotations

from collections.abc import Iterator

from reconcile.model.observed import ObservedResource
from reconcile.model.recorded import CONFIRMATIONS, RecordedResource, RecordedRun
from reconcile.model.values import UNKNOWN, Known
from reconcile.report.explain_case import Case
from reconcile.report.sanitise import inert
from reconcile.report.values import show
from reconcile.report.view import View


def recorded_lines(case: Case, recorded: RecordedResource | None) -> Iterator[str]:
    """What the cloud accepted last, the command it waits in, and what the device confirmed."""
    view = case.view
    if recorded is None:
        yield from case.fact("recorded", view.paint("dim", view.texts("explain.not_recorded")))
        return
    facts = [show(recorded.value, view.texts)]
    if recorded.version is not None:
        facts.append(view.texts("explain.version", version=str(recorded.version)))
    is_open = recorded.delivery.is_open
    facts.append(f"{view.texts('delivery.accepted')} {case.at(recorded.accepted_at)}")
    if recorded.delivery.is_lost:
        facts.append(view.paint("warning", view.texts(f"delivery.{recorded.delivery}")))
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


def _queued(case: Case, recorded: RecordedResource) -> Iterator[str]:
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


def observed_lines(case: Case, path: str) -> Iterator[str]:
    """What the cloud holds and the device reports now, when somebody looked."""
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


def run_facts(run: RecordedRun | None, case: Case) -> list[str]:
    """The last run of a command."""
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
