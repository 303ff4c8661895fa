"""`apply --json-events`: what happens, a JSON object a line on standard output."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING

import click

from reconcile.cli.telling import Telling
from reconcile.runs.wiring import utc_now

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconcile.apply.events import Event
    from reconcile.model.diagnostic import Diagnostic
    from reconcile.model.plan import Plan
    from reconcile.model.values import JsonObject
    from reconcile.runs.apply import Applied

_NAMES = {
    "Attempted": "attempted",
    "Blocked": "blocked",
    "Recorded": "recorded",
    "Waiting": "waiting",
    "Settled": "settled",
    "Watching": "watching",
    "Slowed": "slowed",
    "LaneStopped": "lane_stopped",
}


class EventLines(Telling):
    """As `Telling`, whose words for people stay on standard error; the closing table is the last line instead."""

    def planned(self, plan: Plan) -> None:
        """Says what is about to be applied."""
        from reconcile.report.apply_events import planned_json

        super().planned(plan)
        self._line(planned_json(plan, utc_now()))

    def event(self, event: Event) -> None:
        """Says an event of the run."""
        from reconcile.report.apply_events import event_json

        super().event(event)
        facts = {field.name: getattr(event, field.name) for field in fields(event)}
        self._line(event_json(_NAMES[type(event).__name__], facts, utc_now()))

    def close(self, applied: Applied, *, told: Iterable[Diagnostic] = ()) -> None:
        """Says how it ended."""
        from reconcile.report.apply_events import finished_json

        self.clear()
        if applied.plan is not None and applied.plan.is_blocked:
            super().close(applied, told=told)
        counts = {state.value: n for state, n in applied.tally.states.items()}
        counts |= {"put_off": applied.tally.put_off, "blocked": applied.tally.blocked}
        counts |= {"not_begun": applied.tally.not_begun}
        counts |= {"still_open": applied.still_open, "for_operator": applied.for_operator}
        self._line(finished_json(applied.exit_code, counts, applied.left_out, utc_now()))

    @contextmanager
    def to_its_end(self) -> Iterator[None]:
        """Around the run: a failure of any kind is its last line, `failed`, and goes on to whoever called."""
        try:
            yield
        except click.ClickException:  # a call that makes no sense is no run
            raise
        except Exception as exc:
            self._failed(exc)
            raise

    def _failed(self, exc: Exception) -> None:
        from reconcile.report.apply_events import event_json

        self.clear()
        code, message = _reason(exc)
        self._line(event_json("failed", {"exit_code": 1, "code": code, "message": message}, utc_now()))

    def _line(self, body: JsonObject) -> None:
        from reconcile.report.sanitise import inert_json

        self._console.say(inert_json(body))


def _reason(exc: Exception) -> tuple[str, str]:
    """The code of a failure and what it says; of rejected input the first error, which standard error tells whole."""
    from reconcile.model.errors import ReconcileError
    from reconcile.runs.session import InputRejectedError

    if isinstance(exc, InputRejectedError):
        errors = [one for one in exc.diagnostics if one.is_error]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        return errors[0].code, f"{errors[0].summary}: {errors[0].detail}{more}"
    if isinstance(exc, ReconcileError):
        return exc.code, str(exc)
    kind = "" if isinstance(exc, OSError) else f"{type(exc).__name__}: "
    return "RCL400", f"{kind}{exc}"
