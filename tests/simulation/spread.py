"""Rollouts of a herd: who may be told what, and when, reckoned from what was made durable and what devices held.

Premise: a wave is a promise about devices, so it is checked by devices: in the order in which they were begun to be
told, and by what each of them holds, whatever the program takes them to be. Where the program may know less than is
true (a device that confirmed and was not looked at), the check asks for what must be true at least.
"""

from collections import defaultdict
from typing import NamedTuple

from reconcile.model.journal import AttemptState

from . import rule
from .broken import Broken
from .herd import HERD, IMEI, KEY, LABELS, LAMPS, PATHS, PROPERTY, QUEUED, RINGS, combination

CLOCKS_S = 1000
"""How far apart the clocks of two processes may be: up to 500 s either way."""
_FAILED, _WAITS = 6, 1


class Telling(NamedTuple):
    """What a device was begun to be told last, and when (virtual time)."""

    value: float
    at_s: float


class Spread:
    """I4 of rollouts with canaries, percentages, gates, windows, aborts and `--wave`."""

    def __init__(self, git):
        self._git = git
        self.begun = {}  # name: Telling, in the order in which they were begun
        self._ever = set()  # (name, value) that it was begun to be told, or to go back to
        self._held = defaultdict(set)  # name: what the device itself held
        self._reported = defaultdict(set)  # name: what it ever reported
        self._marks = {}  # name: the id that its record says was aborted
        self._at_start = {}  # process: what was so when it began

    def changed(self, site):
        """What devices hold now."""
        for name in site.schedule.devices:
            if name in LAMPS:
                device = site.world.aliyun[KEY[name]]
                value = device.values.get(PROPERTY)
                self._reported[name].add(_reported(site, name))
            else:
                value = site.holds(name).get(PATHS[name][0])
            self._held[name].add(value)

    def begins(self, site, process):
        """A process begins."""
        reported = {name: _reported(site, name) for name in site.schedule.devices if name in LAMPS}
        self._at_start[process] = (self._git.rule_id, self._failed(site), reported, self.aborted)

    @property
    def aborted(self):
        """Ids of rollouts that were stopped, by what was made durable last of each device."""
        return set(self._marks.values()) - {None}

    def goes_on(self, names):
        """A person let the rollout go on: git asks again for what it said."""
        for name in names:
            self._git.says_again(name)

    def committed(self, site, process, commit):
        """A transaction of a process is durable."""
        for record in commit.devices:
            mark = record.rollout
            self._marks[record.ref.name] = mark.id if mark is not None and mark.is_aborted else None
            if mark is None:  # a person let it go on, and what failed has its part no more
                self.begun.pop(record.ref.name, None)
        for entry in commit.entries:
            if entry.state is AttemptState.INFLIGHT and entry.device.name in HERD:
                self._begun(site, process, entry)

    def arrived(self, entry, name, value):
        """A value on its way to a device of the herd."""
        if (name, value) not in self._ever:
            raise Broken(f"I4: {name} is told {value}, and no wave of its rollout says so: {entry.operation}")

    def _begun(self, site, process, entry):
        name, plan = entry.device.name, process.plan
        if plan is None or plan.occasion != entry.plan:
            return  # settles what another run began
        planned = next(device for device in plan.devices if device.ref.name == name)
        if planned.rollout is None:
            self._goes_back(process, planned, entry)
            return
        tickets = {one.ref.name for one in plan.devices if one.rollout is not None}
        if planned.rollout.id in self.aborted:
            raise Broken(f"I4: process {process.number} goes on with an aborted rollout: {name} {entry.operation}")
        words, value = self._git.rules[planned.rollout.id]
        if not rule.was_open(words, process.planned_at, process.now()):
            raise Broken(f"I4: process {process.number} sends to {name} outside the window {words['windows']}")
        self._ever.add((name, value))
        if name in self.begun and self.begun[name].value == value:
            return
        self._is_its_turn(site, process, name, (words, value), tickets)
        self.begun.pop(name, None)
        self.begun[name] = Telling(value, site.loop.time())

    def _is_its_turn(self, site, process, name, what, tickets):
        """A device is begun to be told a value for the first time."""
        words, value = what
        told = [each for each, telling in self.begun.items() if telling.value == value]
        left = [each for each in site.schedule.devices if each in tickets and each not in told]
        patience_s = self._git.delivery.expire_after_s - CLOCKS_S
        counted = [n for n in told if value in self._held[n] or site.loop.time() - self.begun[n].at_s < patience_s]
        cover = words.get("cover", ())
        kinds = {combination(cover, each) for each in (*counted, *left)}
        sizes = rule.sizes(words, len(told) + len(left), len(kinds))
        is_canary = bool(cover) and combination(cover, name) not in {combination(cover, each) for each in counted}
        wave = 0 if is_canary else _wave_at(len(counted), sizes, has_canaries=bool(cover))
        if process.up_to is not None and wave + 1 > process.up_to:
            raise Broken(f"I4: {name} is of wave {wave + 1}, process {process.number} was to send {process.up_to}")
        if is_canary:
            return
        bare = {combination(cover, each) for each in left} - {combination(cover, each) for each in told}
        if cover and bare:
            raise Broken(f"I4: {name} is told {value} before a canary of {sorted(bare)}")
        if wave:
            size, held = sizes[wave - 1], sum(value in self._held[each] for each in counted)
            if 100 * min(held, size) < words.get("advance", 100) * size:
                raise Broken(f"I4: {name} is told {value} in wave {wave + 1}; {held} of {counted} held it: {words}")
        if words.get("order"):
            before = [each for each in left if _ring(each) < _ring(name)]
            if all(
                _wave_at(known + len(before), sizes, has_canaries=bool(cover))
                != _wave_at(known, sizes, has_canaries=bool(cover))
                for known in {len(counted), len(told)}
            ):
                raise Broken(f"I4: {name} is told {value} before {before}, which come first")

    def _goes_back(self, process, planned, entry):
        """Without a wave nothing is sent but withdrawals, and the values that an abort takes back."""
        if entry.operation == "cancel_queued":
            return
        name, (rule_id, _, reported, _) = planned.ref.name, self._at_start[process]
        step = next(step for step in planned.steps if step.id == entry.step)
        if entry.operation not in ("set_desired", "clear_desired") or rule_id not in self.aborted:
            raise Broken(f"I4: {name} is changed by process {process.number} and is in no wave: {entry.operation}")
        (write,) = step.action.items
        if reported[name] == self.begun[name].value:
            raise Broken(f"I4: {name} reported {reported[name]}, and is told to go back to {write.value}")
        if write.value not in self._reported[name]:
            raise Broken(f"I4: {name} goes back to {write.value}, which it never reported")
        self._ever.add((name, write.value))
        self._git.told[name, PROPERTY].append(write.value)

    def ended(self, site, process):
        """A process came to its end. What it had looked at must have stopped it; what it stopped must be taken back."""
        rule_id, failed, _, aborted = self._at_start[process]
        outcome = process.outcome
        if outcome is None or outcome.plan is None or process.is_saved or process.stop.is_set() or outcome.plan.unknown:
            return
        if rule_id is None or outcome.is_declined or outcome.plan.is_blocked:
            return
        words, value = self._git.rules[rule_id]
        still = failed & self._failed(site)
        told = [each for each, telling in self.begun.items() if telling.value == value]
        is_stopped = any(note.standing == "aborted" for note in outcome.rollouts)
        if rule.may_stop(words, len(still), len(told)) and not is_stopped:
            raise Broken(f"I4: {sorted(still)} of {told} failed, and the rollout is not stopped: {words['abort']}")
        if rule_id in aborted and rule_id in self.aborted and outcome.tally.is_complete:
            self._is_taken_back(site, told, value)

    def _is_taken_back(self, site, told, value):
        for name in told:
            if name in LAMPS:
                device = site.world.aliyun[KEY[name]]
                wish, values = device.desired.get(PROPERTY), (device.values.get(PROPERTY), _reported(site, name))
                stands = wish is not None and wish.is_set and wish.value == value and value not in values
            else:
                stands = any(one.send_status == _WAITS for one in _commands(site, name, value))
            if stands:
                raise Broken(f"I4: the rollout was aborted, and {value} still waits for {name}")

    def _failed(self, site):
        """Devices whose command ended as failed, and that do not hold what it carried."""
        found = set()
        for name, telling in self.begun.items():
            if name in QUEUED and telling.value not in self._held[name]:
                commands = _commands(site, name, telling.value)
                if commands and commands[-1].send_status == _FAILED and telling.value == self._git.herd_value:
                    found.add(name)
        return found


def _reported(site, name):
    return site.world.aliyun[KEY[name]].reported.get(PROPERTY, (None,))[0]


def _commands(site, name, value):
    known = site.world.onenet[IMEI[name]].commands.values()
    return [one for one in known if one.type == "WRITE" and any(r["val"] == value for r in one.content["data"])]


def _wave_at(count, sizes, *, has_canaries):
    """The wave, from 0, of the next device that is no canary when so many were told."""
    return next(
        (number for number, size in enumerate(sizes) if count < size and (number or not has_canaries)), len(sizes)
    )


def _ring(name):
    return RINGS.index(LABELS[name]["ring"])
