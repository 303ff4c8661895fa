"""Where rollouts stand, for those who look: by the manifests and recorded state; no cloud is asked."""

from __future__ import annotations

from reconcile.model.rollout import Rollout
from reconcile.model.rollout_course import Course
from reconcile.planner.rollout_standing import course
from reconcile.runs.rollout import members_of
from reconcile.runs.session import InputRejectedError, Session


def courses(session: Session, profile: str | None = None) -> list[Course]:
    """The rollouts that have anything to tell, by profile; or that of one profile.

    Nothing where a secret that the manifests name is not at hand: whether a device holds it cannot be said then.
    """
    rules = session.fleet.rollouts
    wanted = sorted(rules) if profile is None else [profile] if profile in rules else []
    if not wanted:
        return []
    try:
        found = [_course(session, rules[name]) for name in wanted]
    except InputRejectedError:
        return []
    return [one for one in found if one is not None]


def _course(session: Session, rollout: Rollout) -> Course | None:
    governed = [one for one in session.devices() if one.document.rollout == rollout.profile]
    refs = [one.device.ref for one in governed]
    members = members_of(session, governed, {record.ref: record for record in session.store.devices(refs)})
    models = {name: session.dialect(name) for name in session.fleet.platforms}
    named = [(one, models[one.device.ref.platform].model_key(one.device.identity)) for one in governed]
    return course(rollout, named, members, session.options.now())
