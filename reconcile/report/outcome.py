"""The closing table of an apply: what happened to every step, what failed, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reconcile.model.device import DeviceRef
from reconcile.model.journal import AttemptState
from reconcile.report.sanitise import inert
from reconcile.report.style import table
from reconcile.report.view import View, finish

_MOST_FAILURES = 20
_OPEN = tuple(state.value for state in AttemptState if state.is_open)
_GOOD = (AttemptState.DONE.value, AttemptState.ADOPTED.value, "put_off")


def outcome_text(  # noqa: PLR0913 - what is counted, and how it is shown
    states: Mapping[str, int],
    *,
    blocked: int = 0,
    not_begun: int = 0,
    failures: Sequence[tuple[DeviceRef, str, str, str]] = (),
    lang: str = "en",
    color: bool = False,
    width: int = 80,
) -> str:
    """`states` counts attempts by the value of their AttemptState, and `put_off`: steps that wait for a confirmation.

    A failure is device, step kind, code, message.
    """
    view = View.of(lang, color=color, width=width)
    counts = {**_in_order(states), "blocked": blocked, "not_begun": not_begun}
    counts = {name: count for name, count in counts.items() if count}
    role, title = _title(counts)
    lines = view.wrap(view.paint(role, view.texts(f"outcome.title.{title}")))
    rows = [[*_named(name, view), f"{count:,}"] for name, count in counts.items()]
    size = max((len(row[-1]) for row in rows), default=0)
    lines += table([[row[-1].rjust(size), row[0], view.paint("dim", row[1])] for row in rows], view.width, indent="  ")
    lines.extend(_failures(failures, view))
    return finish([*lines, *_next(counts, view)])


def _in_order(states: Mapping[str, int]) -> dict[str, int]:
    known = {state.value: states[state.value] for state in AttemptState if state.value in states}
    return {**known, **{name: count for name, count in states.items() if name not in known}}


def _title(counts: Mapping[str, int]) -> tuple[str, str]:
    if not counts:
        return "good", "nothing"
    if any(name in counts for name in _OPEN):
        return "error", "doubt"
    if all(name in _GOOD for name in counts):
        return "good", "done"
    return "warning", "partly"


def _named(name: str, view: View) -> list[str]:
    if f"outcome.{name}" not in view.texts.catalogue:
        return [inert(name), ""]
    return [view.texts(f"outcome.{name}"), view.texts(f"outcome.explain.{name}")]


def _failures(failures: Sequence[tuple[DeviceRef, str, str, str]], view: View) -> Iterator[str]:
    if not failures:
        return
    yield from view.title(view.texts("outcome.failures"))
    for device, kind, code, message in failures[:_MOST_FAILURES]:
        yield from table([[inert(str(device)), inert(kind), view.paint("error", inert(code))]], view.width, indent="  ")
        yield from view.wrap(inert(message), "      ")
    if len(failures) > _MOST_FAILURES:
        yield "  " + view.texts("outcome.more_failures", n=len(failures) - _MOST_FAILURES)


def _next(counts: Mapping[str, int], view: View) -> Iterator[str]:
    advice = [name for name, is_due in _advice(counts).items() if is_due]
    if advice:
        yield from view.title(view.texts("outcome.next"))
    for name in advice:
        yield from view.wrap(view.texts(f"outcome.next.{name}"), "  - ", "    ")


def _advice(counts: Mapping[str, int]) -> dict[str, bool]:
    return {
        "recover": "IN_DOUBT" in counts or "INFLIGHT" in counts,
        "operator": "NEEDS_OPERATOR" in counts,
        "plan": "CONFLICT" in counts or "REFUSED" in counts or "blocked" in counts,
        "again": "not_begun" in counts or "NOT_LANDED" in counts,
        "status": "DONE" in counts or "ADOPTED" in counts,
    }
