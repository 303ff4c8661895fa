"""The fleet for monitors: Prometheus' text format, as its textfile collector reads it.

Format: the OpenMetrics-compatible subset of Prometheus' exposition format 0.0.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from reconcile.model.plan import Plan
from reconcile.report.standing import Standing

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def metrics_text(
    at: datetime,
    states: Mapping[Standing, int],
    open_attempts: Mapping[str, int],
    serial: int,
    plan: Plan | None = None,
) -> str:
    """Gauges of the whole fleet; with a plan also what it would do. `open_attempts` are by account."""
    lines = [
        *_gauge("reconcile_devices", "Devices by how far their configuration got.", "standing",
                {one.value: states.get(one, 0) for one in Standing}),
        *_gauge("reconcile_attempts_open", "Attempts that are not settled, by account.", "account", open_attempts),
        *_gauge("reconcile_state_serial", "Serial of the recorded state.", "", {"": serial}),
    ]  # fmt: skip
    if plan is not None:
        summary = plan.summary
        kinds = {
            name: getattr(summary, name) for name in ("settled", "changing", "waiting", "held", "unknown", "conflicts")
        }
        lines += _gauge("reconcile_plan_devices", "Devices of the plan, by what it makes of them.", "kind", kinds)
        lines += _gauge("reconcile_plan_requests", "Requests of the plan, by account.", "account", summary.requests)
        lines += _gauge("reconcile_plan_timestamp_seconds", "When the plan was made.", "", {"": _unix(plan.created)})
    lines += _gauge("reconcile_metrics_timestamp_seconds", "When these figures were taken.", "", {"": _unix(at)})
    return "".join(f"{line}\n" for line in lines)


def _gauge(name: str, about: str, label: str, values: Mapping[str, int]) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} gauge"
    for key, value in sorted(values.items()):
        tags = f'{{{label}="{key.translate(_ESCAPES)}"}}' if label else ""
        yield f"{name}{tags} {value}"


def _unix(at: datetime) -> int:
    return int(at.timestamp())
