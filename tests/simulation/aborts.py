"""Rollouts that are stopped: when one must be, what may be sent after it, and what must be taken back.

Premise: a device counts as failed when its cloud said so, and it does not hold what it was told; what a process did
about that is judged when it ended, and only where nothing kept it from looking.
"""

from . import rule
from .broken import Broken
from .fleet import NAMES
from .herd import IMEI, KEY, LAMPS, PROPERTY, QUEUED

_FAILED, _WAITS = 6, 1
_REFUSALS = (5106, "iot.device.NotExistedDevice")


def goes_back(spread, process, planned, entry):
    """Without a wave nothing is sent but withdrawals, and the values that an abort takes back."""
    if entry.operation == "cancel_queued":
        return
    name, start = planned.ref.name, spread.at_start[process]
    step = next(step for step in planned.steps if step.id == entry.step)
    if entry.operation not in ("set_desired", "clear_desired") or start.rule not in spread.aborted:
        raise Broken(f"I4: {name} is changed by process {process.number} and is in no wave: {entry.operation}")
    (write,) = step.action.items
    known = spread.reported[name][start.reported[name] :]
    if known[0] == spread.begun[name].value:
        raise Broken(f"I4: {name} reported {known[0]}, and is told to go back to {write.value}")
    if write.value not in known:
        raise Broken(f"I4: {name} goes back to {write.value}, it reported {known} last")
    spread.ever.add((name, write.value))
    spread.git.told[name, PROPERTY].append(write.value)


def ended(spread, site, process):
    """A process came to its end. What it had looked at must have stopped it; what it stopped must be taken back."""
    start, rule_id = spread.at_start[process], spread.at_start[process].rule
    outcome = process.outcome
    if outcome is None or outcome.plan is None or process.is_saved or process.stop.is_set() or outcome.plan.unknown:
        return
    if rule_id is None or outcome.is_declined or outcome.plan.is_blocked:
        return
    words, value = spread.git.rules[rule_id]
    still = start.failed & failed(spread, site)
    told = [each for each, telling in spread.begun.items() if telling.value == value]
    is_stopped = any(note.standing == "aborted" for note in outcome.rollouts)
    if rule.may_stop(words, len(still), len(told)) and not is_stopped:
        raise Broken(f"I4: {sorted(still)} of {told} failed, and the rollout is not stopped: {words['abort']}")
    could_look = not (site.network.unreachable or site.network.lost_answers)
    could_look = could_look and not any(entry.fault for entry in site.log[start.requests :])
    if rule_id in start.aborted & spread.aborted and outcome.tally.is_complete and could_look:
        found = {one.ref.name for one in outcome.plan.devices if one.adoptions}  # goes back by the next plan
        _is_taken_back(site, [each for each in told if each not in found], value)


def _is_taken_back(site, told, value):
    for name in told:
        if name in LAMPS:
            device = site.world.aliyun[KEY[name]]
            wish, values = device.desired.get(PROPERTY), (device.values.get(PROPERTY), reported(site, name))
            stands = wish is not None and wish.is_set and wish.value == value and value not in values
        else:
            stands = any(one.send_status == _WAITS for one in _commands(site, name, value))
        if stands:
            raise Broken(f"I4: the rollout was aborted, and {value} still waits for {name}")


def is_refused(spread, site, name):
    """The cloud said no; it counts when it said so of the device, which does not take what it is told."""
    last = next(one for one in reversed(site.log) if one.mutating and NAMES.get(one.device) == name)
    if last.code in _REFUSALS and name in spread.begun:
        spread.refused[name] = spread.begun[name]


def failed(spread, site):
    """Devices that are known to have refused what git wants now, and do not hold it."""
    found = set()
    for name, telling in spread.begun.items():
        if telling.rule != spread.git.rule_id or telling.value in spread.held[name]:
            continue
        commands = _commands(site, name, telling.value) if name in QUEUED else ()
        if commands and commands[-1].send_status == _FAILED:
            found.add(name)
        if spread.refused.get(name) == telling:
            found.add(name)
    return found


def reported(site, name):
    """What a lamp reported last."""
    return site.world.aliyun[KEY[name]].reported.get(PROPERTY, (None,))[0]


def _commands(site, name, value):
    known = site.world.onenet[IMEI[name]].commands.values()
    return [one for one in known if one.type == "WRITE" and any(r["val"] == value for r in one.content["data"])]
