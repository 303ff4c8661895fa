"""One value as a cloud tells it, in the form that a manifest would say it; or why no manifest can."""

from __future__ import annotations

from typing import Final

from reconcile.model.late import dataclass
from reconcile.model.observed import ObservedResource
from reconcile.model.values import ABSENT, Missing
from reconcile.ports import Client, Dialect, Models, Problem, TakesStock, TypedValue
from reconcile.runs.adoption.secrecy import looks_secret
from reconcile.runs.adoption.subject import Origin, Reading

LEFT_TO_PEOPLE: Final = "looks like a secret: write it as {secret: {env: NAME}}"


@dataclass(frozen=True, slots=True)
class Account:
    """One platform as an import needs it."""

    client: Client
    dialect: Dialect
    models: Models


def reading_of(account: Account, key: str, path: str, seen: ObservedResource) -> Reading | str:
    """The value of one resource, or why it is left out."""
    dialect = account.dialect
    assert isinstance(dialect, TakesStock)
    is_kept = not isinstance(seen.cloud, Missing)
    value = seen.cloud if is_kept else seen.reported
    if isinstance(value, Missing):
        return "never set, never reported" if ABSENT in (seen.cloud, seen.reported) else "nobody could read it"
    if looks_secret(dialect.show_path(account.models, key, path), value):
        return LEFT_TO_PEOPLE
    found = dialect.declare(account.models, key, path, value)
    if isinstance(found, Problem):
        return found.detail
    if looks_secret(path, found.value):
        return LEFT_TO_PEOPLE
    written = _written_type(account, key, path, found)
    if isinstance(written, Problem):
        return written.detail
    origin = Origin.CLOUD if is_kept else Origin.REPORTED
    return Reading(found.value, found.value_type, written, origin, seen.version)


def _written_type(account: Account, key: str, path: str, wanted: TypedValue) -> str | Problem | None:
    """The `type` that a manifest needs beside the value so that it is read as this one."""
    for candidate in dict.fromkeys((None, wanted.value_type)):
        found = account.dialect.read_value(account.models, key, path, wanted.value, candidate)
        if found == wanted:
            return candidate
    return Problem("RCL205", "value does not fit", f"{path}: no manifest can say what was read.")
