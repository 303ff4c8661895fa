"""What is known of a history: what git said of each resource, in order; what others wrote; what the devices held.

Nothing is believed of the program: what is there is read from the emulator.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace

from reconcile.model.desired import (
    RELEASE,
    Delivery,
    DeliveryMode,
    DesiredDocument,
    DesiredResource,
    OnDrift,
    OnRemoval,
)

from . import truths
from .fleet import CLOUD_COPY, DEVICES, FOLLOWS, IMEI, IN_STORE, LAMP, PATHS, POPULATION, VALVE
from .site import Site

NO_VALUE = None


@dataclass(frozen=True)
class Rules:
    """What the manifests of a history say beside values. `is_ordered`: as `FOLLOWS`. `removes`: `onRemoval` sets 0, or
    clears. `may_be_replaced`: a meter lies in store.
    """

    is_ordered: bool = False
    removes: bool = False
    on_drift: OnDrift = OnDrift.REVERT
    may_be_replaced: bool = False


class Past:
    """A fleet and its past."""

    def __init__(self, names, switches=None, delivery=None, mode=DeliveryMode.QUEUE, rules=None):
        self.rules = rules or Rules()
        population = [POPULATION[i] for i, device in enumerate(DEVICES) if device.ref.name in names]
        in_store = [IN_STORE] if self.rules.may_be_replaced and "sleeper" in names else []
        devices = [device for device in DEVICES if device.ref.name in names]
        self.site = Site([*population, *in_store], devices, switches)
        self.delivery, self.mode = delivery or replace(Delivery(), valid_after_s=10, timeout_s=5), mode
        self.names = tuple(names)
        self.imei = dict(IMEI)
        self.git = {name: {} for name in names}
        self.told = defaultdict(list)  # (device, path): every value git ever had for it, in order
        self.foreign = defaultdict(set)
        self.seen = defaultdict(list)  # (device, path): what the device (the cloud's desired copy) held, in order
        self.command = None
        self.triggers = []
        self.serial = self.applies = 0
        self.owed = None  # (value, runs before it): git wants a value that a command follows
        self.saved = None  # a plan made earlier
        self.is_late_plan = False
        self.was_reset = False
        self.copies_expected = False
        self.site.clouds.watchers.append(self._watch)

    def close(self):
        self.site.close()

    def holds(self, name):
        """What the device holds, or what its cloud wants of it where one keeps that, by path."""
        world = self.site.clouds.world
        if name in IMEI:
            return world.onenet[self.imei[name]].objects.values()
        if name == "valve":
            return {path: wish.value for path, wish in world.things[VALVE].desired.items()}
        return {path: wish.value for path, wish in world.aliyun[LAMP].desired.items() if wish.is_set}

    def desired(self, name):
        """The desired values that the cloud keeps, set or cleared."""
        world = self.site.clouds.world
        return (world.things[VALVE] if name == "valve" else world.aliyun[LAMP]).desired

    def toll(self):
        """What happened in it, counted: applies, requests, commands that went over the air, hours."""
        world = self.site.clouds.world
        sent = sum(command.attempts for device in world.onenet.values() for command in device.commands.values())
        hours = self.site.loop.time() / 3600
        return Counter(applies=self.applies, requests=len(self.site.log), sent=sent, hours=hours)

    def runs(self):
        """What the sleeper executed."""
        return self.site.clouds.world.onenet[self.imei["sleeper"]].executions

    def records(self):
        return self.site.records()

    def left_behind(self, name, path):
        """What `onRemoval` leaves on the device."""
        return NO_VALUE if name in CLOUD_COPY else 0 if path.startswith("/1/") else 0.0

    def followed_by(self, name, path):
        """What git wants held before `path` is written: of what it wants at all."""
        after = FOLLOWS[name].get(path, ()) if self.rules.is_ordered else ()
        return tuple(earlier for earlier in after if earlier in self.git[name])

    def write_documents(self):
        """What git says now, as the program reads it."""
        for name in self.names:
            resources = tuple(self._resource(name, path, value) for path, value in self.git[name].items())
            mode = DeliveryMode.NOW if name == "listener" else self.mode
            commands = (self.command,) if self.command and name == "sleeper" else ()
            self.site.documents[name] = DesiredDocument.build(resources, commands, replace(self.delivery, mode=mode))

    def _resource(self, name, path, value):
        removal = RELEASE
        if self.rules.removes:
            removal = OnRemoval("clear") if name in CLOUD_COPY else OnRemoval("set", self.left_behind(name, path))
        after = self.followed_by(name, path)
        return DesiredResource(path, value, on_removal=removal, on_drift=self.rules.on_drift, after=after)

    def _begins_anew(self):
        self.owed = None
        for path in PATHS["sleeper"]:
            self.seen["sleeper", path].clear()

    def _where(self, name):
        if name in IMEI:
            return f"/devices/onenet/{self.imei[name]}"
        return f"/devices/onenet/{VALVE}" if name == "valve" else f"/devices/aliyun/{LAMP}"

    def _watch(self, entry):
        for name in self.names:
            held = self.holds(name)
            for path in PATHS[name]:
                value, seen = held.get(path), self.seen[name, path]
                if not seen or seen[-1] != value:
                    if entry is not None and seen and seen[-1] in self.foreign[name, path]:
                        truths.check_shown(self, name, path, seen[-1], entry)
                    seen.append(value)
        if entry is not None and entry.mutating:
            truths.check_arrival(self, entry)
        truths.check_queues(self)
