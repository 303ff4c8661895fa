"""Where rollouts stand, told after an apply, and what that means for an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reconcile.cli.output import Console

if TYPE_CHECKING:
    from reconcile.model.device import DeviceRef
    from reconcile.model.plan import Plan
    from reconcile.model.rollout_course import Course
    from reconcile.model.rollout_note import RolloutNote
    from reconcile.report.view import View
    from reconcile.runs.session import Session


def tell_rollouts(console: Console, notes: Sequence[RolloutNote]) -> None:
    """A few lines for each rollout that is not done; nothing without one."""
    if notes:
        from reconcile.report.rollouts import standing_text

        for note in notes:
            console.tell(standing_text(note, lang=console.lang))


def tell_courses(console: Console, session: Session, view: View, ref: DeviceRef | None) -> None:
    """Where the rollouts of a fleet stand, or the place of one device in its own; nothing without one."""
    if not session.fleet.rollouts:
        return
    from reconcile.report.rollout_course import courses_text, place_text

    found = courses_for(session, ref)
    if ref is None:
        if text := courses_text(found, view):
            console.say(text)
        return
    for course in found:
        console.say("\n".join(["", *view.wrap(place_text(course, ref, view))]))


def courses_for(session: Session, ref: DeviceRef | None) -> list[Course]:
    """The rollouts of a fleet that have anything to tell, or that of one device."""
    if not session.fleet.rollouts:
        return []
    from reconcile.runs.rollout_course import courses

    if ref is None:
        return courses(session)
    profile = next((one.document.rollout for one in session.fleet.devices if one.device.ref == ref), None)
    return [] if profile is None else courses(session, profile)


def waits_for_answers(plan: Plan) -> bool:
    """Whether an apply would send nothing now: all that is left is in waves behind gates that wait for devices."""
    last = {note.profile: note.wave for note in plan.rollouts if note.standing == "waiting"}
    waves = [one.rollout for one in plan.devices]
    return bool(waves) and all(one is not None and one.wave > last.get(one.profile, one.wave) for one in waves)
