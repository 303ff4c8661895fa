"""What must hold of a history, whatever happens in it. Everything it is compared with is read from the emulator."""

from collections import Counter

from reconcile.model.journal import AttemptState

from .fleet import CLOUD_COPY, NAMES, PATHS, REBOOT
from .rules import COPIES, live_paths

_JOURNALLED_AS = {"cancel": "cancel_queued", "clear_desired": "set_desired"}


def check_arrival(history, entry):
    """Of each request: it was journalled first, and it does not arrive before what it follows."""
    _journal_first(history, entry)
    if entry.operation == "queue_write" and entry.landed and entry.fault not in COPIES and not history.is_late_plan:
        _in_its_turn(history, entry)


def check_queues(history):
    """At any time: at most one live command a resource, and expiries that tell commands apart."""
    for device in history.site.clouds.world.onenet.values():
        expiries = Counter(command.expired_ms for command in device.waiting)
        assert all(count == 1 for count in expiries.values()), "an expiry does not tell one command from another"
    for paths in live_paths(history.site.clouds.world).values():
        twice = [path for path, count in Counter(paths).items() if count > 1]
        assert history.copies_expected or not twice, f"more than one live command for {twice}"


def check_shown(history, name, path, value, entry):
    """I7: what somebody else wrote in the cloud is not overwritten without a plan that showed it.

    Where a version begins anew after a clear, a copy of an earlier set that comes late can meet the version it names
    once more: no client can prevent that.
    """
    if name not in CLOUD_COPY or not entry.landed or (entry.fault in COPIES and None in history.told[name, path]):
        return
    plan = history.site.current.plan
    assert plan is not None, f"{path}={value} was overwritten before there was a plan"
    shown = {(change.resource, str(change.before)) for group in plan.classes for change in group.changes}
    assert (path, str(value)) in shown, f"{path}={value} was overwritten unseen"


def check_not_flushed(run, on_air):
    """Nobody asks for the withdrawal of what was seen to be sent already."""
    flushed = [entry.target for entry in run.log if entry.operation == "cancel" and entry.target in on_air]
    assert not flushed, flushed


def check_records(history, records):
    """I5: nothing is recorded that the cloud does not have, but for what an attempt that is still open took away."""
    world = history.site.clouds.world
    for record in records:
        for path, resource in record.resources.items():
            if resource.command_uuid is not None:
                assert resource.command_uuid in world.onenet[record.identity["imei"]].commands, path
            elif resource.version is not None and resource.value is not None and record.ref.name in CLOUD_COPY:
                is_there = history.desired(record.ref.name).get(path) is not None
                assert is_there or history.site.open_attempts(), path


def check_held(history):
    """In the end every device holds what git says, and of what left git what `onRemoval` says."""
    for name in history.names:
        held = history.holds(name)
        wanted = {path: value for path, value in history.git[name].items() if value is not None}
        assert {path: held.get(path) for path in wanted} == wanted, (name, held)
        if name in CLOUD_COPY:
            assert not [path for path, value in history.git[name].items() if value is None and path in held]
        for path in set(PATHS[name]) - history.git[name].keys() if history.rules.removes else ():
            left = history.left_behind(name, path)
            if name in CLOUD_COPY and _came_late(history, path):
                continue  # after the clear a version begins anew: see check_shown; and nobody looks any more
            assert held.get(path) in (None, left, *history.foreign[name, path]), (name, path, held)


def _came_late(history, path):
    return any(e.landed and e.fault in COPIES and path in (e.target or ()) for e in history.site.log)


def check_order(history):
    """I9: what a device held, one value after the other, is what git wanted, in git's order."""
    for (name, path), seen in history.seen.items():
        told, position = history.told[name, path], 0
        for value in seen:
            if value is None or value in history.foreign[name, path] - set(told):
                continue
            while position < len(told) and told[position] != value:
                position += 1
            assert position < len(told), f"{name} {path}: {value} came after a newer value; {seen} of {told}"


def check_runs(history):
    """I3: no command ran twice, and what git asks for ran."""
    if "sleeper" not in history.names:
        return
    everywhere = [one for device in history.site.clouds.world.onenet.values() for one in device.executions]
    assert all(count == 1 for count in Counter(one["uuid"] for one in everywhere).values()), everywhere
    texts = Counter(one["args"] for one in history.runs() if one["args"])
    assert all(count == 1 for count in texts.values()), history.runs()
    current = history.command.trigger if history.command else None
    if current is not None:
        assert texts[current] == 1 or has_failed(history, current), (current, history.runs())
    if history.owed is not None and history.git["sleeper"].get(history.command.after[0]) == history.owed[0]:
        assert len(history.runs()) > history.owed[1] or has_failed(history, None), history.owed


def has_failed(history, text):
    """The device refused it, or was silent: nobody knows whether it ran, so it is not sent again."""
    commands = history.site.clouds.world.onenet[history.imei["sleeper"]].commands.values()
    return any(c.type == "EXECUTE" and (c.content or {}).get("args") == text and c.send_status == 6 for c in commands)


def _in_its_turn(history, entry):
    """Nothing is queued before the device held what it follows, nor before the command that goes before it ran."""
    name = NAMES[entry.device]
    device = history.site.clouds.world.onenet[entry.device]
    command = next(reversed(device.commands.values()))
    paths = {f"{command.path}/{item['res_id']}" for item in command.content["data"]}
    for path in () if history.was_reset else paths & history.git[name].keys():  # unnoticed, it loses what was held
        for earlier in history.followed_by(name, path):
            wanted = history.git[name][earlier]
            assert wanted in history.seen[name, earlier], f"{path} was queued before {earlier}={wanted} was held"
    first = history.command.before if history.command and name == "sleeper" else ()
    assert paths.isdisjoint(first) or device.executions, f"{paths} queued before {REBOOT} ran"


def _journal_first(history, entry):
    """I1: a durable INFLIGHT precedes every mutating request."""
    if entry.fault in COPIES or entry.operation == "cancel_all":
        return
    operation = _JOURNALLED_AS.get(entry.operation, entry.operation)
    begun = sum(
        one.state is AttemptState.INFLIGHT and one.operation == operation and one.device.name == NAMES[entry.device]
        for one in history.site.journal
    )
    arrived = sum(
        one.mutating
        and _JOURNALLED_AS.get(one.operation, one.operation) == operation
        and NAMES[one.device] == NAMES[entry.device]
        and one.fault not in COPIES
        for one in history.site.log
    )
    copies = sum(one.fault is not None for one in history.site.log) if entry.operation == "cancel" else 0
    assert arrived <= begun + copies, f"{entry.operation} #{arrived} without a durable intent"
