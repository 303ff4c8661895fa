"""What must hold of a run's part of the emulator's log, whatever happened in it."""

from collections import Counter, defaultdict
from datetime import UTC, datetime

from reconcile.model.actions import CancelQueued, SetDesired, touched
from reconcile.model.journal import AttemptState

from .fleet import NAMES

ATTEMPTS = 4
COPIES = ("duplicate", "late_copy")


def check_log(history, run):
    """I3, I4, I6, I10 and I16 of the requests of one run."""
    mutating = [entry for entry in run.log if entry.mutating and entry.fault not in COPIES]
    _nothing_but_the_plan(run, mutating)
    _guarded(mutating)
    _within_the_quota(history.site.log)
    _one_command_an_intent(history)


def _nothing_but_the_plan(run, mutating):
    """I4, I16. Withdrawals of further copies are told apart by there having been copies."""
    steps = Counter()
    for step in run.plan.steps() if run.plan is not None else ():
        steps[_of_action(step, step.action)] += ATTEMPTS
        if getattr(step, "otherwise", None) is not None:  # the device proved unreachable: queued in the same run
            steps[_of_action(step, step.otherwise)] += ATTEMPTS
    has_copies = any(entry.fault for entry in run.log)
    for entry in mutating:
        key = _of_entry(entry)
        if entry.operation == "cancel" and key not in steps and (has_copies or run.plan is None):
            continue
        steps[key] -= 1
        assert steps[key] >= 0, f"{key} is not in the plan: {run.plan and run.plan.steps()}"


def _of_action(step, action):
    if isinstance(action, CancelQueued):
        return "cancel", step.device.name, action.uuid
    if isinstance(action, SetDesired):
        return action.kind, step.device.name, frozenset(touched(action))
    return action.kind, step.device.name, getattr(action, "instance", None) or action.path


def _of_entry(entry):
    name = NAMES[entry.device]
    if entry.operation in ("set_desired", "clear_desired"):
        return "set_desired", name, frozenset(entry.target)
    return entry.operation, name, entry.target


def _guarded(mutating):
    """I6: every set carries the version of each of its items, every queued command its deadline."""
    for entry in mutating:
        guard = entry.precondition or {}
        if entry.operation == "set_desired" and entry.cloud == "aliyun":
            assert set(guard.get("Versions") or {}) == set(entry.target), f"unguarded: {entry}"
        elif entry.operation in ("queue_write", "queue_execute"):
            assert {"valid_time", "expired_time"} <= guard.keys(), f"unguarded: {entry}"
            assert entry.operation == "queue_write" or guard.get("retry") == "0", f"would be repeated: {entry}"
        elif entry.operation == "write_now":
            assert "et" in guard, f"no token of its own: {entry}"


def _within_the_quota(log):
    counts = Counter((entry.cloud, entry.time_ms // 1000) for entry in log if entry.fault not in COPIES)
    limits = {"onenet": 80, "aliyun": 40}
    assert all(count <= limits[cloud] for (cloud, _), count in counts.items()), counts


def _one_command_an_intent(history):
    """I3: however often an intent to run was tried, the cloud took one command for it."""
    begun = [e for e in history.site.journal if e.operation == "queue_execute" and e.state is AttemptState.INFLIGHT]
    taken = Counter(
        _intent_of(entry, begun)
        for entry in history.site.log
        if entry.operation == "queue_execute" and entry.landed and entry.fault not in COPIES
    )
    assert all(count == 1 for count in taken.values()), taken


def _intent_of(entry, begun):
    """The intent it was journalled under: known by its expiry, the latest of those begun before it arrived.

    An expiry is unique among what waits; that of a command that was withdrawn may come again.
    """
    expiry = datetime.fromisoformat(entry.precondition["expired_time"] + "+08:00")
    arrived = datetime.fromtimestamp(entry.time_ms / 1000, UTC)
    return next(one.intent for one in reversed(begun) if one.marker == expiry and one.at <= arrived)


def live_paths(world):
    """Paths of the commands that may still reach each device, as often as there are commands."""
    found = defaultdict(list)
    for imei, device in world.onenet.items():
        for command in device.waiting:
            if command.type == "WRITE":
                found[imei] += [f"{command.path}/{item['res_id']}" for item in command.content["data"]]
            elif command.type == "EXECUTE":
                found[imei].append(command.path)
    return found
