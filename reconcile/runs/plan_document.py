"""A plan from its JSON document (`--format json`), as an artifact of a job that nobody need trust.

Premise: a pull request from a fork can make its own job upload anything. Rule: the document is judged by the schema,
read by the strict reader of plan files, its digest computed again, and its counts compared with its own steps; only
then is it rendered, as text that decides nothing. What the digest leaves out (the sentences people read) is not proved
here: what is sent is decided by an apply that plans again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reconcile.manifest.schema_accept import Acceptor
from reconcile.manifest.schema_store import SchemaStore
from reconcile.model.errors import PlanRefused
from reconcile.model.plan import Plan
from reconcile.model.plan_json import FORMAT
from reconcile.model.values import Json, JsonObject
from reconcile.report.sanitise import inert
from reconcile.runs.plan_lines import NOTICES, assemble
from reconcile.runs.planfile import UNREADABLE
from reconcile.runs.shipped import schemas

MOST_BYTES = 1024 * 1024 * 1024
_SCHEMA = "plan.schema.json"
_MANY = {"classes": "class", "records": "device", "diagnostics": "diagnostic"}


def read_plan_document(path: Path) -> Plan:
    """The plan of a JSON document. Raises: PlanRefused when it is none, or contradicts itself."""
    body = _loaded(path)
    store = SchemaStore(schemas())
    try:
        if not Acceptor(store).test(store[_SCHEMA])(body):
            raise PlanRefused(f"{path} is not a plan as {_SCHEMA} describes it: {_why(store[_SCHEMA], body)}.")
        plan, digest = assemble(_lines(body))
    except UNREADABLE as exc:
        raise PlanRefused(f"{path} is not a whole plan of this version ({FORMAT}). Plan again.") from exc
    if digest != plan.digest:
        raise PlanRefused(f"{path} was changed after it was written: its digest does not match. Plan again.")
    wrong = _contradiction(plan)
    if wrong:
        raise PlanRefused(f"{path} contradicts itself: {wrong}. Plan again.")
    return plan


def _loaded(path: Path) -> Any:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise PlanRefused(f"{path} is larger than {MOST_BYTES // 2**20} MiB. No plan of ours is.")
        return json.loads(path.read_bytes())
    except FileNotFoundError as exc:
        raise PlanRefused(f"no such file: {path}. Make one with `reconcile plan --format json={path}`.") from exc
    except OSError as exc:
        raise PlanRefused(f"{path} cannot be read: {exc.strerror or exc}.") from exc
    except UNREADABLE as exc:
        raise PlanRefused(f"{path} is not JSON. Make it with `reconcile plan --format json={path}`.") from exc


def _why(schema: Any, body: Json) -> str:
    """Where the document leaves its schema, and by which rule; never what stands there."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator({**schema, "$id": _SCHEMA}).iter_errors(body))
    if error is None:
        return "a number of another kind than it must be"
    place = inert("/".join(map(str, error.absolute_path)), 200)
    return f"at {place or 'its top'}, rule `{error.validator}`"


def _lines(body: JsonObject) -> Iterator[JsonObject]:
    """The lines of the plan file that says the same; each step goes back to its device, both stand in one order."""
    steps, at = _objects(body["steps"]), 0
    for record in _objects(body.get("records", [])):
        begin = at
        while at < len(steps) and all(steps[at][name] == record[name] for name in ("device", "class")):
            at += 1
        record["steps"] = [*steps[begin:at]]
    if at < len(steps):
        raise ValueError("steps of a device without a record")
    lists = (*_MANY, *NOTICES, "steps")
    yield {"plan": {name: member for name, member in body.items() if name not in lists}}
    for name, kind in (*_MANY.items(), *zip(NOTICES, NOTICES, strict=True)):
        for each in _objects(body.get(name, [])):
            yield {kind: each}


def _objects(value: Json) -> list[JsonObject]:
    if not isinstance(value, list):
        raise TypeError(type(value).__name__)
    return [each for each in value if isinstance(each, dict)]


def _contradiction(plan: Plan) -> str:
    """What its totals say otherwise than its steps; "" when they agree."""
    requests: Counter[str] = Counter()
    members = Counter(device.class_id for device in plan.devices if device.class_id)
    for device in plan.devices:
        requests[device.ref.platform] += device.calls
    if +requests != +Counter(plan.summary.requests):
        return "the requests of its summary are not those of its steps"
    if members != Counter({group.id: group.devices for group in plan.classes}):
        return "the devices of its classes are not those of its records"
    return ""
