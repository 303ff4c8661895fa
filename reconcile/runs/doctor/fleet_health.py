"""Manifests and recorded state: what would stop an apply before any cloud is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reconcile.manifest.document import Fleet
from reconcile.model.errors import JournalBroken, StateError
from reconcile.model.examination import Finding, Mark, SentCommand
from reconcile.model.journal import AttemptState
from reconcile.ports import StateStore


def look_at_manifests(fleet: Fleet) -> list[Finding]:
    """Valid or not, with the first error; `validate` shows them all."""
    errors = [each for each in fleet.diagnostics if each.is_error]
    warnings = len(fleet.diagnostics) - len(errors)
    if errors:
        first = f"{errors[0].code} {errors[0].summary} ({errors[0].span})"
        return [Finding("manifests", Mark.PROBLEM, "manifests.broken", {"n": len(errors), "first": first})]
    documents = len({id(device.document) for device in fleet.devices})
    values = {"devices": len(fleet.devices), "documents": documents, "platforms": len(fleet.platforms)}
    found = [Finding("manifests", Mark.OK, "manifests.valid", values)]
    if warnings:
        found.append(Finding("manifests", Mark.WARNING, "manifests.warnings", {"n": warnings}))
    return found


def look_at_state(store: StateStore, platforms: Sequence[str], now: datetime) -> list[Finding]:
    """The chain of the journal, what earlier runs left open, and who is applying. Raises: StateError."""
    heads = sum(1 for _ in store.heads())
    try:
        entries = sum(1 for _ in store.journal())
    except JournalBroken as exc:
        return [Finding("state", Mark.PROBLEM, "state.broken_journal", {"message": str(exc)})]
    if not heads and not entries:
        return [Finding("state", Mark.OK, "state.empty")]
    found = [Finding("state", Mark.OK, "state.healthy", {"devices": heads, "entries": entries})]
    attempts = store.open_attempts()
    stuck = sum(each.entry.state is AttemptState.NEEDS_OPERATOR for each in attempts)
    if len(attempts) > stuck:
        found.append(Finding("state", Mark.WARNING, "state.in_doubt", {"n": len(attempts) - stuck}))
    if stuck:
        found.append(Finding("state", Mark.WARNING, "state.for_a_person", {"n": stuck}))
    holder = getattr(store, "lease_holder", None)  # optional: a third party's store may not tell
    for platform in platforms:
        held = holder(platform, now) if holder is not None else None
        if held is not None:
            found.append(Finding("state", Mark.WARNING, "state.lease_held", {"platform": platform, "who": held}))
    return found


def unreadable(failed: StateError) -> list[Finding]:
    """The state cannot be opened or read."""
    return [Finding("state", Mark.PROBLEM, "state.unreadable", {"code": failed.code, "message": str(failed)})]


def last_sent(store: StateStore, platform: str) -> SentCommand | None:
    """The queued command of a platform that was accepted last, as recorded: its times can be compared."""
    refs = [head.ref for head in store.heads() if head.ref.platform == platform]
    sent = [
        SentCommand(device.identity, resource.command_uuid, resource.accepted_at)
        for device in store.devices(refs)
        for resource in device.resources.values()
        if resource.command_uuid is not None
    ]
    return max(sent, key=lambda each: each.accepted_at, default=None)
