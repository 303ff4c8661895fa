"""One history: what people, devices, networks and accidents do to a fleet, and what must hold of it.

The model is small and its own: what git said of each resource, in order; which values somebody else wrote. Everything
it is compared with is read from the emulator: its log, its queues, its devices. Nothing is believed of the program.

Every value is used once (a count of edits; what others write is negative), so a value tells when it was wanted.
"""

import json
from collections import Counter, defaultdict
from dataclasses import replace

from reconcile.emulator.faults import parse_rules
from reconcile.model.desired import Command, Delivery, DeliveryMode, DesiredDocument, DesiredResource
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.journal import AttemptState
from reconcile.runs.look import Refresh

from .rules import check_log, live_paths
from .site import Site

IMEI = {"sleeper": "865820030000001", "listener": "865820030000002"}
LAMP = "a1Proof/lamp"
REBOOT = "/3/0/4"
PATHS = {
    "sleeper": ("/3303/0/5603", "/3303/0/5604", "/1/0/3"),
    "listener": ("/3303/0/5603", "/1/0/3"),
    "lamp": ("P1", "P2", "P3"),
}
POPULATION = [
    {"cloud": "onenet", "imei": IMEI["sleeper"], "sleep": {"kind": "psm", "wake_every_s": 3600, "awake_s": 20}},
    {"cloud": "onenet", "imei": IMEI["listener"], "sleep": {"kind": "none"}},
    {"cloud": "aliyun", "productKey": "a1Proof", "deviceName": "lamp", "sleep": {"kind": "none"}},
]
DEVICES = (
    Device(DeviceRef("onenet-prod", "sleeper"), Identity.of(imei=IMEI["sleeper"]), {}),
    Device(DeviceRef("onenet-prod", "listener"), Identity.of(imei=IMEI["listener"]), {}),
    Device(DeviceRef("aliyun-prod", "lamp"), Identity.of(productKey="a1Proof", deviceName="lamp"), {}),
)
NO_VALUE = None
_ROUNDS = 14


class History:
    """A fleet with its past. Moves change it; `finish` heals everything and says whether it came to rest."""

    def __init__(self, names, switches=None, delivery=None, mode=DeliveryMode.QUEUE):
        self.site = Site(
            [POPULATION[i] for i, device in enumerate(DEVICES) if device.ref.name in names],
            [device for device in DEVICES if device.ref.name in names],
            switches,
        )
        self.delivery, self.mode = delivery or replace(Delivery(), valid_after_s=10, timeout_s=5), mode
        self.names = tuple(names)
        self.git = {name: {} for name in names}
        self.told = defaultdict(list)  # (device, path): every value git ever had for it, in order
        self.foreign = defaultdict(set)
        self.seen = defaultdict(list)  # (device, path): what the device (the cloud's desired copy) held, in order
        self.command = None
        self.triggers = []
        self.serial = 0
        self.owed = None  # (value, runs before it): git wants a value that a command follows
        self.copies_expected = False
        self.site.clouds.watchers.append(self._watch)

    def close(self):
        self.site.close()

    # Moves.

    def edit(self, name, path, how):
        """Git wants something new, something it wanted before, nothing more, or (Aliyun) no desired value."""
        told, git = self.told[name, path], self.git[name]
        if how == "drop":
            git.pop(path, None)
            return
        if how == "null" and name == "lamp":
            value = NO_VALUE
        elif how == "back" and told:
            value = told[-2] if len(told) > 1 else told[-1]
        else:
            self.serial += 1
            value = self.serial if path.startswith(("P", "/1/")) else float(self.serial)
        git[path] = value
        if self.command is not None and path in self.command.after and value not in told:
            self.owed = (value, len(self._runs()))
        if not told or told[-1] != value:
            told.append(value)

    def order(self, how):
        """A command of the sleeper: for a new text, or for what it follows; or none."""
        self.owed = None
        if how == "trigger":
            self.serial += 1
            self.triggers.append(f"t{self.serial}")
            self.command = Command("reboot", REBOOT, args=self.triggers[-1], trigger=self.triggers[-1])
        elif how == "after":
            self.command = Command("reboot", REBOOT, after=PATHS["sleeper"][:1])
        else:
            self.command = None

    def apply(self, refresh=Refresh.CHANGED, faults=(), death=None, stop_after_s=None):
        """One apply, perhaps misled, killed or interrupted. `faults` are (operation, nth, fault)."""
        site = self.site
        self._write_documents()
        rules = [
            {"match": {"operation": op, "nth": nth}, "fault": list(fault) if isinstance(fault, tuple) else fault}
            for op, nth, fault in faults
        ]
        self._script(rules)
        if death is not None:
            where, count, side = death
            if where == "send":
                site.clouds.death = (count, side)
            else:
                site.death_at_commit = (count, side)
        run = site.apply(refresh, stop_after_s)
        self._script([])
        check_log(self, run)
        self._check_records()
        return run

    def wake(self, name, kind="update"):
        where = f"onenet/{IMEI[name]}" if name in IMEI else f"aliyun/{LAMP}"
        self.site.clouds.control(f"/devices/{where}/uplink", json.dumps({"kind": kind}).encode())

    def wait(self, seconds):
        self.site.clouds.skip(seconds)

    def intrude(self, name, path):
        """Somebody else writes: at the device (OneNET), or a desired value (Aliyun)."""
        self.serial += 1
        value = -self.serial if path.startswith(("P", "/1/")) else -float(self.serial)
        self.foreign[name, path].add(value)
        where = f"onenet/{IMEI[name]}" if name in IMEI else f"aliyun/{LAMP}"
        self.site.clouds.control(f"/devices/{where}/console", json.dumps({path: value}).encode())

    def radio(self, fault):
        """The next command on its way to the sleeper meets silence, or its answer does."""
        rules = [{"match": {"operation": "deliver", "nth": 1}, "fault": fault}]
        self._script(rules)
        self.wake("sleeper")
        self._script([])

    def race(self, name):
        """The sleeper wakes just before the next cancel arrives; somebody sets the lamp's value just before we do."""
        if name == "sleeper":
            self.site.clouds.before["cancel"] = lambda: self.wake("sleeper")
        elif name == "lamp":
            self.site.clouds.before["set_desired"] = lambda: self.intrude("lamp", PATHS["lamp"][0])

    # The end.

    def finish(self):
        """Faults stop; applied and woken until nothing is queued, every device holds what git says."""
        self.site.clouds.before.clear()
        # Without a foreign write nothing but what is recorded may be needed to come to rest.
        # A cleared desired value may begin at version 0 again; then a copy of its first set, given up long ago, passes
        # the version check when it arrives at last: drift, that only a look finds.
        is_cleared = any(NO_VALUE in told for told in self.told.values())
        refresh = Refresh.ALL if is_cleared or any(self.foreign.values()) else Refresh.CHANGED
        self.wait(200)  # copies still on their way arrive, or are too late
        for number in range(_ROUNDS):
            run = self.apply(refresh)
            assert run.applied is not None, run.failure
            self._resolve(run.plan)
            plan = run.plan
            if number > 1 and self._is_quiet() and plan is not None and plan.is_empty and not plan.waiting:
                break
            self.wait(90)
            for name in self.names:
                self.wake(name)
            self.wait(0 if number < 4 else 90_000)  # a retry may have to wait for its time
        else:
            raise AssertionError(f"no rest after {_ROUNDS} rounds: {run.plan and run.plan.classes} {run.applied}")
        seen = len(self.site.log)
        again = self.apply(refresh)
        assert again.plan.is_empty, again.plan.classes
        assert again.applied.exit_code == 0, (again.applied, again.plan)
        assert not [entry for entry in self.site.log[seen:] if entry.mutating], "an empty plan sent something"
        assert not self.site.open_attempts()
        self._check_held()
        self._check_order()
        self._check_runs()

    def _resolve(self, plan):
        """A person looks at what is held as a conflict, and lets git say what was found."""
        for notice in () if plan is None else plan.conflicts:
            name, path = notice.device.name, notice.resource
            self.git[name][path] = self.holds(name).get(path)
            self.told[name, path].append(self.git[name][path])

    def _is_quiet(self):
        return not any(
            command.is_open for d in self.site.clouds.world.onenet.values() for command in d.commands.values()
        )

    # What must hold.

    def holds(self, name):
        """What the device holds (OneNET), or the cloud wants of it (Aliyun), by path."""
        world = self.site.clouds.world
        if name in IMEI:
            return world.onenet[IMEI[name]].objects.values()
        return {path: wish.value for path, wish in world.aliyun[LAMP].desired.items() if wish.is_set}

    def _watch(self, entry):
        for name in self.names:
            held = self.holds(name)
            for path in PATHS[name]:
                value, seen = held.get(path), self.seen[name, path]
                if not seen or seen[-1] != value:
                    if entry is not None and seen and seen[-1] in self.foreign[name, path]:
                        self._check_shown(name, path, seen[-1], entry)
                    seen.append(value)
        if entry is not None and entry.mutating:
            self._check_journal_first(entry)
        for device in self.site.clouds.world.onenet.values():
            expiries = Counter(command.expired_ms for command in device.waiting)
            assert all(count == 1 for count in expiries.values()), "an expiry does not tell one command from another"
        for paths in live_paths(self.site.clouds.world).values():
            twice = [path for path, count in Counter(paths).items() if count > 1]
            assert self.copies_expected or not twice, f"more than one live command for {twice}"

    def _check_shown(self, name, path, value, entry):
        """I7: what somebody else wrote in the cloud is not overwritten without a plan that showed it."""
        if name != "lamp" or not entry.landed:
            return
        plan = self.site.current.plan
        shown = {(change.resource, str(change.before)) for group in plan.classes for change in group.changes}
        assert (path, str(value)) in shown, f"{path}={value} was overwritten unseen"

    def _check_journal_first(self, entry):
        """I1: a durable INFLIGHT precedes every mutating request."""
        if entry.fault in ("duplicate", "late_copy") or entry.operation == "cancel_all":
            return
        operation = "cancel_queued" if entry.operation == "cancel" else entry.operation
        begun = sum(
            one.state is AttemptState.INFLIGHT and one.operation == operation and _is_of(one, entry)
            for one in self.site.journal
        )
        arrived = sum(
            one.mutating
            and one.operation == entry.operation
            and one.device == entry.device
            and one.fault not in ("duplicate", "late_copy")
            for one in self.site.log
        )
        copies = sum(one.fault is not None for one in self.site.log) if entry.operation == "cancel" else 0
        assert arrived <= begun + copies, f"{entry.operation} #{arrived} without a durable intent"

    def _check_records(self):
        """I5: nothing is recorded that the cloud does not have."""
        world = self.site.clouds.world
        for record in self.site.records():
            for path, resource in record.resources.items():
                if resource.command_uuid is not None:
                    assert resource.command_uuid in world.onenet[IMEI[record.ref.name]].commands, path
                elif resource.version is not None and resource.value is not None and record.ref.name == "lamp":
                    wish = world.aliyun[LAMP].desired.get(path)
                    assert wish is not None, path

    def _check_held(self):
        for name in self.names:
            held = self.holds(name)
            wanted = {path: value for path, value in self.git[name].items() if value is not NO_VALUE}
            assert {path: held.get(path) for path in wanted} == wanted, (name, held)
            if name == "lamp":
                assert not [path for path, value in self.git[name].items() if value is NO_VALUE and path in held]

    def _check_order(self):
        """I9: what a device held, one value after the other, is what git wanted, in git's order."""
        for (name, path), seen in self.seen.items():
            told, position = self.told[name, path], 0
            for value in seen:
                if value is None or value in self.foreign[name, path] - set(told):
                    continue
                while position < len(told) and told[position] != value:
                    position += 1
                assert position < len(told), f"{name} {path}: {value} came after a newer value; {seen} of {told}"

    def _check_runs(self):
        """I3: no command ran twice, and what git asks for ran."""
        if "sleeper" not in self.names:
            return
        executions = self.site.clouds.world.onenet[IMEI["sleeper"]].executions
        assert all(count == 1 for count in Counter(one["uuid"] for one in executions).values()), executions
        texts = Counter(one["args"] for one in executions if one["args"])
        assert all(count == 1 for count in texts.values()), executions
        current = self.command.trigger if self.command else None
        if current is not None:
            assert texts[current] == 1 or self._has_failed(IMEI["sleeper"], current), (current, executions)

        if self.owed is not None and self.git["sleeper"].get(self.command.after[0]) == self.owed[0]:
            assert len(self._runs()) > self.owed[1] or self._has_failed(IMEI["sleeper"], None), self.owed

    def _runs(self):
        return self.site.clouds.world.onenet[IMEI["sleeper"]].executions

    def _has_failed(self, imei, text):
        """The device refused it, or was silent: nobody knows whether it ran, so it is not sent again."""
        commands = self.site.clouds.world.onenet[imei].commands.values()
        return any(
            c.type == "EXECUTE" and (c.content or {}).get("args") == text and c.send_status == 6 for c in commands
        )

    def _write_documents(self):
        for name in self.names:
            resources = tuple(DesiredResource(path, value) for path, value in self.git[name].items())
            mode = DeliveryMode.NOW if name == "listener" else self.mode
            commands = (self.command,) if self.command and name == "sleeper" else ()
            self.site.documents[name] = DesiredDocument.build(resources, commands, replace(self.delivery, mode=mode))

    def _script(self, rules):
        self.site.clouds.world.scene.faults.rules = parse_rules({"rules": rules})


def _is_of(journaled, entry):
    name = journaled.device.name
    return entry.device == IMEI.get(name, LAMP)
