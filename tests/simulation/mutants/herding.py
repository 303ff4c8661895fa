"""Rollouts of a herd, broken one rule at a time: canaries, percentages, windows, aborts, `--wave`, accounts."""

from dataclasses import replace

from reconcile.apply import fold
from reconcile.apply.pace import Pace
from reconcile.model.rollout import Rollout
from reconcile.model.values import ABSENT
from reconcile.planner import rollout as rollout_plan
from reconcile.planner import rollout_abort, rollout_stage, rollout_waves
from reconcile.runs import look, rollout_apply, rollout_watch
from reconcile.runs.session import Session
from reconcile.runs.throttling import Throttling


def one_canary(patch):
    """One combination has its canary, and the others have none."""
    canaries = rollout_waves.canaries
    patch(rollout_waves, "canaries", lambda *facts: canaries(*facts)[:1])


def everybody_is_a_canary(patch):
    """Each device goes with the canaries, whatever it stands for."""
    patch(rollout_waves, "canaries", lambda _rollout, _cover, waiting, _sent: [device.ref for device in waiting])


def waves_are_too_large(patch):
    """A percentage is one device too many."""
    ceil = rollout_waves.ceil
    patch(rollout_waves, "ceil", lambda share: ceil(share) + 1)


def windows_are_for_reading(patch):
    """Waves go at any hour."""
    patch(Rollout, "opens", lambda _rollout, _now: None)


def nothing_stops_a_rollout(patch):
    """However many devices fail, the rollout goes on."""
    patch(rollout_stage, "must_abort", lambda _rollout, _seen: False)
    patch(rollout_watch, "must_abort", lambda _rollout, _seen: False)


def aborted_plans_go_on(patch):
    """A plan goes on with a rollout that was aborted."""

    def place(result, rollout, governed, known):
        for work in governed:
            rollout_plan._place(result, rollout, work, 1)

    patch(rollout_plan, "_stop", place)
    patch(rollout_stage.Stage, "may_send", property(lambda stage: 0 if stage.opens else stage.wave))


def aborts_take_nothing_back(patch):
    """What no device took yet is left where it waits."""
    patch(rollout_abort, "_taken_back", lambda *_facts, **_options: None)


def aborts_go_back_to_nothing(patch):
    """What is taken back is cleared, whatever the device reported before."""
    set_back = rollout_abort._set_back
    patch(rollout_abort, "_set_back", lambda back, resource: set_back(back, replace(resource, confirmed=ABSENT)))


def the_wave_asked_for_is_not_heard(patch):
    """`--wave N` sends whatever the gates let go."""
    gated = rollout_apply.gated
    patch(
        rollout_apply, "gated", lambda session, plan, recorded, fences, _up_to: gated(session, plan, recorded, fences)
    )


def places_are_forgotten(patch):
    """Devices are changed as if no rollout governed them."""
    patch(rollout_plan.Spread, "place", lambda _self, device: device)


def marks_may_be_late(patch):
    """A device's mark may be later than what was sent under it, so that nothing seems to be sent."""
    patch(fold, "no_later", lambda record, _now: record)


def other_words_are_another_change(patch):
    """What went out under other words of the same change is not taken back."""
    patch(rollout_abort, "_is_told", lambda rollout, _situation, mark: mark.id == rollout.id)


def accounts_are_mixed_up(patch):
    """Devices of one account are asked and told with the keys of another account of the same cloud."""
    client = Session.client
    patch(Session, "client", lambda self, platform: client(self, platform.replace("-south", "-prod")))


def one_account_keeps_its_quota(patch):
    """Of two accounts of a cloud, the second is asked at once, whatever the run before asked of it."""
    begin, keep = Pace.__init__, Throttling.keep

    def hasty(self, requests_per_second, clock):
        begin(self, requests_per_second, clock)
        self._next_s = 0.0

    patch(Pace, "__init__", hasty)
    patch(Throttling, "keep", lambda self, platform: None if platform.endswith("-south") else keep(self, platform))


def a_device_is_planned_twice(patch):
    """What is only to be recorded of a device stays in the plan beside what takes it back."""

    class Unlisted(dict):
        def keys(self):
            return set()

    halt = rollout_plan.halt

    def beside(*facts):
        found = halt(*facts)
        found.taken_back = Unlisted(found.taken_back)
        return found

    patch(rollout_plan, "halt", beside)


def aborts_do_not_ask_what_was_reported(patch):
    """A value goes back although nobody looked whether its device reported it."""
    patch(look, "_may_be_taken_back", lambda _record: False)
