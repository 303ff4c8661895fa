"""What an import reads, in order: which devices, the models they lack, and what they hold."""

from __future__ import annotations

from collections.abc import Callable

from reconcile.model.device import DeviceRef
from reconcile.model.late import dataclass
from reconcile.model.values import is_secret
from reconcile.runs.adoption.choose import Choice, choose
from reconcile.runs.adoption.declaring import Account
from reconcile.runs.adoption.device_models import Fetched, fetch_models
from reconcile.runs.adoption.notes import Notes
from reconcile.runs.adoption.read import Budget, Survey
from reconcile.runs.adoption.subject import Subject
from reconcile.runs.session import Session


@dataclass(frozen=True, slots=True)
class Asked:
    """How to read: `budget` of calls to devices themselves, 0 for none; `notes` of an earlier run are gone on from."""

    choice: Choice
    notes: Notes
    budget: Budget
    progress: Callable[[int, int], None]


async def gather(session: Session, asked: Asked) -> tuple[list[Subject], Fetched]:
    """Every chosen device with what was read of it. Closes the clients. Raises: ReconcileError, CallFailed."""
    try:
        chosen = await choose(session, asked.choice)
        platforms = sorted({one.ref.platform for one in chosen})
        session.require_keys(platforms)
        fetched = await fetch_models(session, chosen)
        survey = Survey(
            {name: _account(session, name) for name in platforms},
            asked.budget,
            asked.notes,
            asked.progress,
            asks_devices=asked.budget.left > 0,
            secrets=_secrets(session),
            lacking=fetched.lacking,
        )
        return await survey.read(chosen), fetched
    finally:
        await session.close_clients()


def _secrets(session: Session) -> dict[DeviceRef, frozenset[str]]:
    """Resources that the manifests declare as secrets, by device. The secrets themselves are not asked for."""
    found: dict[DeviceRef, frozenset[str]] = {}
    for one in session.fleet.devices:
        paths = frozenset(resource.path for resource in one.document.resources if is_secret(resource.value))
        if paths:
            found[one.device.ref] = paths
    return found


def _account(session: Session, platform: str) -> Account:
    models = session.fleet.models[session.fleet.platforms[platform].type]
    return Account(session.client(platform), session.dialect(platform), models)
