"""Things, rollouts and partly stale plans, broken one rule at a time."""

from reconcile.planner import rollout_stage, rollout_waves
from reconcile.platforms.onenet.thing import desired as things
from reconcile.platforms.onenet.wire import thing_requests
from reconcile.runs import apply as apply_run
from reconcile.runs import saved_plan


def silence_is_success(patch):
    """A gate counts devices that were not heard from as if they had confirmed."""
    patch(rollout_stage, "may_advance", lambda _rollout, seen: not seen.unsent)


def waves_go_at_once(patch):
    """Every wave may be sent, whatever the gates say."""
    patch(rollout_stage.Stage, "may_send", property(lambda stage: len(stage.rollout.waves)))


def waves_in_any_order(patch):
    """The label that orders devices is not looked at."""
    key = rollout_waves._key
    patch(rollout_waves, "_key", lambda rollout, device: (0, key(rollout, device)[1]))


def partial_runs_everything(patch):
    """With `--partial`, devices that moved since the plan was made are not left out."""
    recall, moved = saved_plan.recall, saved_plan._has_moved

    def whole(session, plan, *, is_partial=False):
        saved_plan._has_moved = (lambda *_facts, **_options: False) if is_partial else moved
        try:
            return recall(session, plan, is_partial=is_partial)
        finally:
            saved_plan._has_moved = moved

    patch(apply_run, "recall", whole)


def clear_without_version(patch):
    """A desired value of a thing is deleted whatever its version is."""

    def careless(api, thing, versions):
        return thing_requests._post(
            api, "DeleteDeviceDesiredProperty", "delete-device-desired-property", thing, {path: {} for path in versions}
        )

    patch(thing_requests, "delete_desired", careless)


def things_are_set_unseen(patch):
    """A thing's desired value is set without reading before whether its version moved."""
    patch(things, "_refuse_moved", lambda _versions, _rows: None)


def older_commits_run(patch):
    """Manifests of a commit before the one that was last applied are applied."""
    patch(apply_run, "check_generation", lambda *_facts: None)
