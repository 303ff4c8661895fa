"""One history: what people, devices, networks and accidents do to a fleet; what must hold of it is in `truths`.

Every value is used once (a count of edits; what others write is negative), so a value tells when it was wanted.
"""

import json
from dataclasses import replace

from reconcile.emulator.faults import parse_rules
from reconcile.emulator.onenet.objects import Objects
from reconcile.manifest.refresh_rule import RefreshRule
from reconcile.model.desired import Command
from reconcile.model.device import Identity
from reconcile.runs.request import Refresh

from . import truths
from .fleet import CLOUD_COPY, PATHS, REBOOT, SPARE, VALVE
from .past import NO_VALUE, Past
from .rules import check_log

_ROUNDS = 16
_HANDED_OVER = ("report", "adopt", "quarantine")


class History(Past):
    """A fleet with its past. Moves change it; `finish` heals everything and says whether it came to rest."""

    # Moves.

    def edit(self, name, path, how):
        """Git wants something new, something it wanted before, nothing more, or no desired value in the cloud."""
        told, git = self.told[name, path], self.git[name]
        if how == "drop":
            if git.pop(path, None) is not None and self.rules.removes:
                told.append(self.left_behind(name, path))
            return
        if how == "null" and name in CLOUD_COPY:
            value = NO_VALUE
        elif how == "back" and told:
            value = told[-2] if len(told) > 1 else told[-1]
        else:
            self.serial += 1
            value = self.serial if path.startswith(("P", "/1/")) else float(self.serial)
        git[path] = value
        if self.command is not None and path in self.command.after and value not in told:
            self.owed = (value, len(self.runs()))
        if not told or told[-1] != value:
            told.append(value)

    def order(self, how):
        """A command of the sleeper: for a new text, after or before a resource changes; or none."""
        self.owed = None
        if how == "trigger":
            self.serial += 1
            self.triggers.append(f"t{self.serial}")
            self.command = Command("reboot", REBOOT, args=self.triggers[-1], trigger=self.triggers[-1])
        elif how == "after":
            self.command = Command("reboot", REBOOT, after=PATHS["sleeper"][:1])
        elif how == "before":
            self.command = Command("reboot", REBOOT, before=PATHS["sleeper"][1:2])
        else:
            self.command = None

    def apply(self, refresh=Refresh.CHANGED, faults=(), death=None, stop_after_s=None, budget=None, saved=None):
        """One apply, perhaps misled, killed or interrupted. `faults` are (operation, nth, fault).

        `budget`: calls a full refresh may cost. `saved`: a plan made earlier.
        """
        site = self.site
        self.write_documents()
        self.applies += 1
        site.refresh_rule = RefreshRule(budget)
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
        self.is_late_plan = saved is not None
        on_air = set() if faults or saved else self._on_air()
        run = site.apply(refresh, stop_after_s, saved)
        self._script([])
        check_log(self, run)
        truths.check_not_flushed(run, on_air)
        truths.check_records(self, site.records())
        return run

    def save(self):
        """A plan is made, and kept for later."""
        self.write_documents()
        self.saved = self.site.plan()

    def apply_saved(self, **accident):
        """The plan that was kept is applied, whatever happened since. It may be refused."""
        return None if self.saved is None else self.apply(saved=self.saved, **accident)

    def wake(self, name, kind="update"):
        self.site.clouds.control(f"{self._where(name)}/uplink", json.dumps({"kind": kind}).encode())

    def wait(self, seconds):
        self.site.clouds.skip(seconds)

    def intrude(self, name, path):
        """Somebody else writes: at the device, or a desired value where a cloud keeps one."""
        self.serial += 1
        value = -self.serial if path.startswith(("P", "/1/")) else -float(self.serial)
        self.foreign[name, path].add(value)
        if name == "valve":  # its console is at the device; a desired value is what somebody sets through the cloud
            clouds = self.site.clouds
            clouds.world.things[VALVE].set_desired({path: value}, clouds.now_ms)
            clouds.tell(None)
            return
        self.site.clouds.control(f"{self._where(name)}/console", json.dumps({path: value}).encode())

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

    def swap(self):
        """Another meter is installed in the sleeper's place, and git says so."""
        if not self.rules.may_be_replaced or self.imei["sleeper"] == SPARE:
            return
        self.imei["sleeper"] = SPARE
        self.site.devices["sleeper"] = replace(self.site.devices["sleeper"], identity=Identity.of(imei=SPARE))
        self._begins_anew()

    def reset(self):
        """The sleeper is registered anew and holds nothing. Only a device whose registration is known can tell."""
        world = self.site.clouds.world
        device = world.onenet[self.imei["sleeper"]]
        if not any(r.ref.name == "sleeper" and r.registered == f"classic:{device.device_id}" for r in self.records()):
            return
        del world.onenet_by_id[device.device_id]
        device.device_id += "1"
        world.onenet_by_id[device.device_id] = device
        device.objects = Objects({}, is_open=True, refuses=frozenset())
        self.was_reset = True
        self._begins_anew()

    # The end.

    def finish(self):
        """Faults stop; applied and woken until nothing is queued, every device holds what git says."""
        self.site.clouds.before.clear()
        refresh = self.needed_refresh()
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
        truths.check_held(self)
        truths.check_order(self)
        truths.check_runs(self)

    def needed_refresh(self):
        """Without a foreign write nothing but what is recorded may be needed to come to rest.

        A cleared desired value may begin at version 0 again; then a copy of its first set, given up long ago, passes
        the version check when it arrives at last: drift, that only a look finds. So is a device registered anew.
        """
        is_cleared = any(NO_VALUE in told for told in self.told.values())
        return Refresh.ALL if is_cleared or self.was_reset or any(self.foreign.values()) else Refresh.CHANGED

    def _resolve(self, plan):
        """A person looks at what a plan leaves to people: git says what was found, and drops a command that failed."""
        if plan is None:
            return
        left = [notice for notice in plan.drift if notice.drift and notice.drift.policy in _HANDED_OVER]
        for notice in (*plan.conflicts, *left):
            name, path = notice.device.name, notice.resource
            found = self.holds(name).get(path)
            if found is None and name not in CLOUD_COPY:
                continue
            self.git[name][path] = found
            self.told[name, path].append(found)
        if any("it failed" in notice.reason or "nobody can tell" in notice.reason for notice in plan.waiting):
            self.order("none")

    def _on_air(self):
        """Commands that were sent and have no answer yet."""
        found = [c for d in self.site.clouds.world.onenet.values() for c in d.commands.values()]
        return {command.uuid for command in found if command.send_status == 3}

    def _is_quiet(self):
        return not any(
            command.is_open for d in self.site.clouds.world.onenet.values() for command in d.commands.values()
        )

    def _script(self, rules):
        self.site.clouds.world.scene.faults.rules = parse_rules({"rules": rules})
