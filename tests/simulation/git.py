"""What git says of each resource, now and before; and what others wrote. Every value is used once, so it tells when."""

from collections import defaultdict
from dataclasses import replace

from virtual_time.fleet import REBOOT

from reconcile.model.desired import Command, Delivery, DeliveryMode, DesiredDocument, DesiredResource
from reconcile.model.fleet import DesiredDevice

from . import rule
from .fleet import CROWD, DEVICES, IN_CLOUD, PATHS
from .herd import HERD, INSTANT, LAMPS, QUEUED
from .waves import PROFILE, rollout_of


class Git:
    """`told`: every value git ever had for (device, path), in order; values that others wrote are negative."""

    def __init__(self, schedule):
        valid_after_s, expire_after_s, retry = schedule.delivery
        self.delivery = replace(
            Delivery(), valid_after_s=valid_after_s, timeout_s=5, expire_after_s=expire_after_s, retry=retry
        )
        self.mode = DeliveryMode(schedule.mode)
        self.wanted = {name: {} for name in schedule.devices}
        self.told = defaultdict(list)
        self.foreign = defaultdict(set)
        self.command = None
        self.call = None  # an instant command of the listener
        self.texts = []  # all texts of it, one for each time it is to run
        self.triggers = []
        self.serial = 0
        self.commits = 1
        self.words = {"waves": ["100%"]}  # of the herd's rollout
        self.rules = {}  # id of a rollout: its words, and the value that it spreads
        self.herd_values = []
        self.owed = None  # (path, value, runs before it): git wants a value that a command follows

    def edit(self, name, path, how, runs=0):
        """`runs`: how often the command ran so far. Of a crowd, git changes all devices."""
        self.commits += 1
        if name == "crowd":
            value = self._next(path)
            for each in CROWD:
                self.wants(each, path, value)
            return
        if name == "herd":
            self._edit_herd(how)
            return
        told, wanted = self.told[name, path], self.wanted[name]
        if how == "drop":
            wanted.pop(path, None)
            return
        if how == "null" and name in IN_CLOUD:
            value = None
        elif how == "back" and told:
            value = told[-2] if len(told) > 1 else told[-1]
        else:
            value = self._next(path)
        if self.command is not None and path in self.command.after and value not in told:
            self.owed = (path, value, runs)
        self.wants(name, path, value)

    def _edit_herd(self, how):
        """All of a herd are to hold another value: a new one, or the one before."""
        if how == "back" and len(self.herd_values) > 1:
            self.herd_values.append(self.herd_values[-2])
        else:
            self.serial += 1
            self.herd_values.append(float(self.serial))
        for name in self.wanted:
            self.wants(name, PATHS[name][0], int(self.herd_value) if name in LAMPS else self.herd_value)
        self.rollouts()

    def rolls_out(self, words):
        """The profile says other words of its rollout."""
        self.commits += 1
        self.words = words
        self.rollouts()

    @property
    def herd_value(self):
        """What git wants of the herd; None without one."""
        return self.herd_values[-1] if self.herd_values else None

    @property
    def rule_id(self):
        """The herd's rollout; None without one."""
        return next(reversed(self.rules)) if self.rules else None

    def says_again(self, name):
        """What a rollout took back is asked for again."""
        self.wants(name, PATHS[name][0], self.wanted[name][PATHS[name][0]])

    def wants(self, name, path, value):
        """Git says a value."""
        self.commits += 1
        self.wanted[name][path] = value
        if not self.told[name, path] or self.told[name, path][-1] != value:
            self.told[name, path].append(value)

    def order(self, how):
        """A command of the sleeper: for a new text, after a resource changes; or none."""
        self.commits += 1
        self.owed = None
        if how == "trigger":
            self.serial += 1
            self.triggers.append(f"t{self.serial}")
            self.command = Command("reboot", REBOOT, args=self.triggers[-1], trigger=self.triggers[-1])
        elif how == "after":
            self.command = Command("reboot", REBOOT, after=PATHS["sleeper"][:1])
        else:
            self.command = None

    def calls(self, how):
        """An instant command of the listener, run at once: for a new text, before a resource changes; or none."""
        self.commits += 1
        if how == "none":
            self.call = None
            return
        self.serial += 1
        self.texts.append(f"c{self.serial}")
        before = PATHS["listener"][:1] if how == "before" else ()
        self.call = Command("reboot", REBOOT, args=self.texts[-1], trigger=self.texts[-1], before=before)

    def rollouts(self):
        """The rollout of a crowd or a herd, when there is one; another value is another rollout."""
        if self.herd_values:
            found = rule.rollout_of(PROFILE, self.words, self.herd_value)
            self.rules.pop(found.id, None)
            self.rules[found.id] = (self.words, self.herd_value)
            return {PROFILE: found}
        return {PROFILE: rollout_of(self.wanted[CROWD[0]])} if CROWD[0] in self.wanted else {}

    def intrude(self, name, path):
        """The value that somebody else writes."""
        value = -self._next(path)
        self.foreign[name, path].add(value)
        return value

    def documents(self):
        """The devices as the program reads them."""
        return [DesiredDevice(DEVICES[name], self._document(name)) for name in self.wanted]

    def _document(self, name):
        resources = tuple(DesiredResource(path, value) for path, value in self.wanted[name].items())
        command = {"sleeper": self.command, "listener": self.call}.get(name)
        mode = DeliveryMode.NOW if name in ("listener", *INSTANT) else self.mode
        mode = DeliveryMode.QUEUE if name in (*CROWD, *QUEUED) else mode
        made = DesiredDocument.build(resources, (command,) if command else (), replace(self.delivery, mode=mode))
        return replace(made, rollout=PROFILE) if name in (*CROWD, *HERD) else made

    def _next(self, path):
        self.serial += 1
        return self.serial if path.startswith(("P", "/1/")) else float(self.serial)
