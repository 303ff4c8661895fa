"""Rollouts of a herd: who may be told what, and when, reckoned from what was made durable and what devices held.

Premise: a wave is a promise about devices, so it is checked by devices: in the order in which they were begun to be
told, and by what each of them holds, whatever the program takes them to be. Where the program may know less than is
true (a device that confirmed and was not looked at), the check asks for what must be true at least.
"""

from collections import defaultdict
from typing import NamedTuple

from reconcile.model.journal import AttemptState

from . import aborts, rule
from .broken import Broken
from .herd import HERD, KEY, LABELS, LAMPS, PATHS, PROPERTY, RINGS, combination

CLOCKS_S = 1000
"""How far apart the clocks of two processes may be: up to 500 s either way."""


class Telling(NamedTuple):
    """What a device was begun to be told last, when (virtual time), and by which rollout."""

    value: float
    at_s: float
    rule: str


class Start(NamedTuple):
    """What was so when a process began: the rollout that git asked for, who had failed, which of the reports of each
    device was the last, the rollouts that were stopped, and how long the clouds' log was.
    """

    rule: str
    failed: set
    reported: dict
    aborted: set
    requests: int


class Spread:
    """I4 of rollouts with canaries, percentages, gates, windows, aborts and `--wave`."""

    def __init__(self, git):
        self.git = git
        self.begun = {}  # name: Telling, in the order in which they were begun
        self.ever = set()  # (name, value) that it was begun to be told, or to go back to
        self.held = defaultdict(set)  # name: what the device itself held
        self.reported = defaultdict(list)  # name: what it reported, one value after the other
        self._reached = defaultdict(int)  # id of a rollout: the last wave, from 0, of which somebody was told
        self._marks = {}  # name: the id that its record says was aborted
        self.refused = {}  # name: the Telling that it refused at once
        self.at_start = {}  # process: what was so when it began

    def changed(self, site):
        """What devices hold now."""
        for name in site.schedule.devices:
            if name in LAMPS:
                device = site.world.aliyun[KEY[name]]
                value = device.values.get(PROPERTY)
                if self.reported[name][-1:] != [aborts.reported(site, name)]:
                    self.reported[name].append(aborts.reported(site, name))
            else:
                value = site.holds(name).get(PATHS[name][0])
            self.held[name].add(value)

    def begins(self, site, process):
        """A process begins."""
        reported = {name: len(values) - 1 for name, values in self.reported.items()}  # which of them is the last
        self.at_start[process] = Start(
            self.git.rule_id, aborts.failed(self, site), reported, self.aborted, len(site.log)
        )

    @property
    def aborted(self):
        """Ids of rollouts that were stopped, by what was made durable last of each device."""
        return set(self._marks.values()) - {None}

    def goes_on(self, names):
        """A person let the rollout go on: git asks again for what it said."""
        for name in names:
            self.git.says_again(name)

    def committed(self, site, process, commit):
        """A transaction of a process is durable."""
        for record in commit.devices:
            mark = record.rollout
            self._marks[record.ref.name] = mark.id if mark is not None and mark.is_aborted else None
            if mark is None:  # a person let it go on, and what failed has its part no more
                self.begun.pop(record.ref.name, None)
        for entry in commit.entries:
            if entry.device.name in HERD:
                if entry.state is AttemptState.INFLIGHT:
                    self._begun(site, process, entry)
                elif entry.state is AttemptState.REFUSED and entry.operation in ("write_now", "set_desired"):
                    aborts.is_refused(self, site, entry.device.name)

    def arrived(self, entry, name, value):
        """A value on its way to a device of the herd."""
        if (name, value) not in self.ever:
            raise Broken(f"I4: {name} is told {value}, and no wave of its rollout says so: {entry.operation}")

    def _begun(self, site, process, entry):
        name, plan = entry.device.name, process.plan
        if plan is None or plan.occasion != entry.plan:
            return  # settles what another run began
        planned = next(device for device in plan.devices if entry.step in [step.id for step in device.steps])
        if planned.rollout is None:
            aborts.goes_back(self, process, planned, entry)
            return
        tickets = {one.ref.name for one in plan.devices if one.rollout is not None}
        if planned.rollout.id in self.aborted:
            raise Broken(f"I4: process {process.number} goes on with an aborted rollout: {name} {entry.operation}")
        words, value = self.git.rules[planned.rollout.id]
        if not rule.was_open(words, process.planned_at, process.now()):
            raise Broken(f"I4: process {process.number} sends to {name} outside the window {words['windows']}")
        self.ever.add((name, value))
        if name in self.begun and self.begun[name].value == value:
            return
        told = [telling for telling in self.begun.values() if telling.value == value]
        if all(telling.rule == planned.rollout.id for telling in told):  # a change of words counts devices anew
            self._is_its_turn(site, process, name, planned.rollout.id, tickets)
        self.begun.pop(name, None)
        self.begun[name] = Telling(value, site.loop.time(), planned.rollout.id)

    def _is_its_turn(self, site, process, name, rule_id, tickets):
        """A device is begun to be told a value for the first time."""
        words, value = self.git.rules[rule_id]
        told = [each for each, telling in self.begun.items() if telling.value == value]
        left = [each for each in site.schedule.devices if each in tickets and each not in told]
        patience_s = self.git.delivery.expire_after_s - CLOCKS_S
        fresh = [each for each in told if site.loop.time() - self.begun[each].at_s < patience_s]
        counted = [each for each in told if each in fresh or value in self.held[each]]
        cover = words.get("cover", ())
        kinds = {combination(cover, each) for each in (*counted, *left)}
        sizes = rule.sizes(words, len(told) + len(left), len(kinds))
        is_canary = bool(cover) and combination(cover, name) not in {combination(cover, each) for each in fresh}
        wave = 0 if is_canary else _wave_at(len(fresh), sizes, has_canaries=bool(cover))
        if process.up_to is not None and wave + 1 > process.up_to:
            raise Broken(f"I4: {name} is of wave {wave + 1}, process {process.number} was to send {process.up_to}")
        if is_canary:
            return
        bare = {combination(cover, each) for each in left} - {combination(cover, each) for each in told}
        if cover and bare:
            raise Broken(f"I4: {name} is told {value} before a canary of {sorted(bare)}")
        if wave > self._reached[rule_id]:  # a gate that was open stays so, also when more devices can be read
            self._reached[rule_id] = wave
            size, held = sizes[wave - 1], sum(value in self.held[each] for each in counted)
            if 100 * min(held, size) < words.get("advance", 100) * size:
                raise Broken(f"I4: {name} is told {value} in wave {wave + 1}; {held} of {counted} held it: {words}")
        if words.get("order"):
            before = [each for each in left if _ring(each) < _ring(name)]
            if all(
                _wave_at(known + len(before), sizes, has_canaries=bool(cover))
                != _wave_at(known, sizes, has_canaries=bool(cover))
                for known in {len(fresh), len(counted), len(told)}
            ):
                raise Broken(f"I4: {name} is told {value} before {before}, which come first")


def _wave_at(count, sizes, *, has_canaries):
    """The wave, from 0, of the next device that is no canary when so many were told."""
    return next(
        (number for number, size in enumerate(sizes) if count < size and (number or not has_canaries)), len(sizes)
    )


def _ring(name):
    return RINGS.index(LABELS[name]["ring"])
