"""What must hold of each request as it arrives at the clouds, and of what every device holds after it."""

import json
from collections import Counter, defaultdict
from datetime import datetime

from reconcile.emulator.clock import parse_zoneless, to_ms
from reconcile.model.actions import CancelQueued, SetDesired

from .broken import Broken
from .calls import Calls
from .fleet import DEVICES, IN_CLOUD, NAMES, PATHS, PLANTED
from .herd import HERD
from .journal_file import JournalFile
from .spread import Spread
from .stale import Stale
from .waves import Gates

ATTEMPTS = 4
_CLOCKS_MS = 2000
"""How exactly a program can know a cloud's clock, which tells whole seconds."""
_KINDS = {"cancel": "cancel_queued", "clear_desired": "set_desired"}


class Checks:
    """The running half of the invariants: told of arrivals and changes, in order."""

    def __init__(self, git):
        self.git = git
        self.seen = defaultdict(list)  # (device, path): what the device (the cloud's desired copy) held, in order
        self.landed = Counter()  # (device, operation): requests that took effect, each once
        self.taken = Counter()  # intent of an Execute: commands accepted for it
        self.spent = Counter()  # (process, key of a step): requests
        self.per_second = defaultdict(Counter)  # (cloud, second): requests by process
        self.may_land = {}  # (operation, device, target): until when a request that was lost may land, in ms
        self.arrivals = set()  # requests that took effect, to know a second copy
        self.has_copies = False
        self.calls, self.gates, self.stale = Calls(), Gates(git), Stale()
        self.spread = Spread(git)
        self._journal = None

    def journal(self, site):
        if self._journal is None:
            self._journal = JournalFile(site.reader)
        self._journal.catch_up()
        return self._journal

    def changed(self, site, senders=()):
        """Notes what is held now; a foreign value gives way only to `senders` whose plan showed it (I7)."""
        for name in site.schedule.devices:
            held = site.holds(name)
            for path in PATHS[name]:
                value, seen = held.get(path), self.seen[name, path]
                if not seen or seen[-1] != value:
                    if senders and seen and seen[-1] in self.git.foreign[name, path]:
                        _shown(name, path, seen[-1], senders)
                    seen.append(value)
        if not self.has_copies:
            _one_live_command(site)
        if self.git.herd_values:
            self.spread.changed(site)

    def arrived(self, site, entry, process):
        """One log entry of the clouds; `process` sent it, None for a copy that a network made."""
        if process is None:
            if entry.landed:  # found by whoever looks: no longer in doubt
                self.may_land.pop((entry.operation, entry.device, str(entry.target)), None)
            self.has_copies |= (
                entry.landed and (entry.device, str(entry.target), str(entry.precondition)) in self.arrivals
            )
        else:
            if entry.landed:
                self.arrivals.add((entry.device, str(entry.target), str(entry.precondition)))
            _at_its_account(site, entry)
            self._at_its_pace(site, entry, process)
            if entry.mutating:
                self._durable_first(site, entry)
                self._planned(site, entry, process)
                _guarded(entry)
                self._one_at_a_time(entry)
                self.calls.arrived(site, entry, process)
                self.gates.arrived(entry, site.processes, self.seen, self._journal.begun)
                self.stale.arrived(entry, process)
                self._in_a_wave(entry)
        _no_secret(entry)

    def _at_its_pace(self, site, entry, process):
        """I10: never more requests in a second than the quota, of one process, nor of several one after the other.

        Left out: plans, which take no lease, and whoever stood still and may have lost his.
        """
        if process.sent_since:
            raise Broken(f"I10: process {process.number} asks for {entry.operation} after its leases were given back")
        senders = self.per_second[site.account[entry.seq], entry.time_ms // 1000]
        senders[process] += 1
        whole = sum(senders.values()) if all(one.keeps_count for one in senders) else senders[process]
        if whole > site.schedule.quota:
            raise Broken(f"I10: {whole} requests in a second, quota {site.schedule.quota}: {[*senders.values()]}")

    def _durable_first(self, site, entry):
        """I1: a durable INFLIGHT of this very request. I3: of an Execute, the cloud takes one command an intent."""
        if entry.operation == "cancel" and _is_of_a_copy(site, entry):
            return
        name, kind = NAMES.get(entry.device), _KINDS.get(entry.operation, entry.operation)
        begun = [
            one
            for one in self.journal(site).begun
            if one["operation"] == kind and one["device"].endswith(f"/{name}") and _is_of(one, entry)
        ]
        if not begun:
            raise Broken(f"I1: {entry.operation} to {name} without a durable intent: {entry.precondition}")
        if not entry.landed:
            return
        self.landed[name, kind] += 1
        if self.landed[name, kind] > sum(
            one["operation"] == kind and one["device"].endswith(f"/{name}") for one in self._journal.begun
        ):
            raise Broken(f"I1: more {entry.operation} took effect on {name} than were begun")
        if entry.operation in ("queue_execute", "execute_now"):
            intent = begun[-1]["intent"]
            self.taken[intent] += 1
            if self.taken[intent] > 1:
                raise Broken(f"I3: the cloud took {self.taken[intent]} commands for one intent to run")

    def _in_a_wave(self, entry):
        """I4: what a device of a herd is told, its rollout says."""
        name = NAMES.get(entry.device)
        if name in HERD and entry.operation != "cancel":
            values = _items_of(entry).values() if name in IN_CLOUD else [item["val"] for item in entry.body["data"]]
            for value in values:
                self.spread.arrived(entry, name, value)

    def _one_at_a_time(self, entry):
        """I9: while a request that was lost may still land, no other goes to the same place."""
        ends_ms = _ends_ms(entry)
        if ends_ms is None:
            return
        place = entry.operation, entry.device, str(entry.target)
        if entry.time_ms < self.may_land.get(place, 0) - _CLOCKS_MS:
            raise Broken(f"I9: {place} goes again while a lost copy may land until {self.may_land[place]}")
        if entry.http_status is None:
            self.may_land[place] = ends_ms

    def _planned(self, site, entry, process):
        """I4, I16: nothing beside the plan, and no more of it than planned."""
        key = _key_of(entry)
        allowed = _allowance(process)
        if entry.operation == "cancel" and key not in allowed and _is_of_a_copy(site, entry):
            return
        self.spent[process.number, key] += 1
        if self.spent[process.number, key] > allowed[key]:
            raise Broken(f"I4: process {process.number} sent {key} {self.spent[process.number, key]} times")


def _at_its_account(site, entry):
    """I4: a device is asked and told on its own account."""
    name, account = NAMES.get(entry.device), site.account[entry.seq]
    if name is not None and DEVICES[name].ref.platform != account:
        raise Broken(f"I4: {entry.operation} of {name} goes to {account}")


def _ends_ms(entry):
    """Until when a copy of a request may take effect; None for one that carries no time."""
    guard = entry.precondition or {}
    if entry.operation in ("queue_write", "queue_execute") and "valid_time" in guard:
        return parse_zoneless(guard["valid_time"])
    if entry.operation == "write_now" and "et" in guard:  # of instant Executes see `Calls`
        return guard["et"] * 1000
    return None


def _allowance(process):
    if process.allowed_of is not process.plan:
        process.allowed_of, process.allowed = process.plan, Counter()
        planned = [device.ref for device in process.plan.devices] if process.plan is not None else []
        if len(planned) != len(set(planned)):
            raise Broken(f"I4: a device is in the plan of process {process.number} twice: {planned}")
        for step in process.plan.steps() if process.plan is not None else ():
            for action in (step.action, getattr(step, "otherwise", None)):
                if action is not None:
                    process.allowed[_key_of_action(step, action)] += ATTEMPTS
    return process.allowed


def _key_of_action(step, action):
    if isinstance(action, CancelQueued):
        return "cancel", step.device.name, action.uuid
    if isinstance(action, SetDesired):
        return action.kind, step.device.name, json.dumps({w.path: w.value for w in action.items}, sort_keys=True)
    return action.kind, step.device.name, getattr(action, "instance", None) or action.path


def _key_of(entry):
    name = NAMES.get(entry.device)
    if entry.operation in ("set_desired", "clear_desired"):
        return "set_desired", name, json.dumps(_items_of(entry), sort_keys=True)
    return entry.operation, name, entry.target


def _items_of(entry):
    """What a request sets, by path; None clears."""
    if entry.cloud == "aliyun":
        return entry.body["Items"]
    return dict.fromkeys(entry.target) if entry.operation == "clear_desired" else entry.body["params"]


def _is_of_a_copy(site, entry):
    """A command that stands in the queue's history twice with one expiry: a copy that a network made."""
    device = site.world.onenet[entry.device]
    command = device.commands.get(entry.target)
    return command is not None and sum(c.expired_ms == command.expired_ms for c in device.commands.values()) > 1


def _is_of(begun, entry):
    """Whether a request carries what that journal entry says."""
    guard = entry.precondition or {}
    match entry.operation:
        case "queue_write" | "queue_execute":
            expires = parse_zoneless(guard["expired_time"]) if "expired_time" in guard else None
            return "marker" in begun and to_ms(datetime.fromisoformat(begun["marker"])) == expires
        case "write_now" | "execute_now":
            until = datetime.fromisoformat(begun["deadline"]).timestamp() if "deadline" in begun else 0
            return "et" in guard and guard["et"] <= until
        case "set_desired" if entry.cloud == "onenet":  # carries no versions: it is guarded by reads around it
            return set((begun.get("precondition") or {}).get("versions", ())) == set(entry.target)
        case "set_desired" | "clear_desired":
            versions = guard.get("Versions") or guard.get("versions") or {}
            return (begun.get("precondition") or {}).get("versions") == versions
    return True


def _guarded(entry):
    """I6 and the deadlines: every set carries the version of each of its items, every other write its end."""
    guard = entry.precondition or {}
    is_guarded = (entry.operation, entry.cloud) != ("set_desired", "onenet")
    versions = guard.get("Versions") or guard.get("versions") or {}
    if entry.operation in ("set_desired", "clear_desired") and is_guarded and set(versions) != set(entry.target):
        raise Broken(f"I6: a set without the versions of its items: {guard}")
    if entry.operation in ("queue_write", "queue_execute"):
        if not {"valid_time", "expired_time"} <= guard.keys():
            raise Broken(f"I1: a queued command without its deadline: {guard}")
        if entry.operation == "queue_execute" and guard.get("retry") != "0":
            raise Broken(f"I3: the platform may repeat this Execute: {guard}")
    if entry.operation in ("write_now", "execute_now") and guard.get("et", 1e12) > entry.time_ms / 1000 + 90:
        raise Broken(f"I9: an instant command whose token outlives it: {guard}")


def _shown(name, path, value, senders):
    """`senders`: who sent the request; of a copy, anybody may have."""
    if name not in IN_CLOUD:
        return
    groups = [group for process in senders if process.plan is not None for group in process.plan.classes]
    if (path, str(value)) not in {(c.resource, str(c.before)) for group in groups for c in group.changes}:
        raise Broken(f"I7: {path}={value} of somebody else was overwritten unseen")


def _one_live_command(site):
    """I9: at most one live command a resource, and expiries that tell commands apart."""
    for device in site.world.onenet.values():
        expiries = Counter(command.expired_ms for command in device.waiting)
        if any(count > 1 for count in expiries.values()):
            raise Broken("I3: an expiry does not tell one command from another")
        paths = Counter(path for command in device.waiting for path in _paths_of(command))
        twice = [path for path, count in paths.items() if count > 1]
        if twice:
            raise Broken(f"I9: more than one live command for {twice}")


def _paths_of(command):
    if command.type == "WRITE":
        return [f"{command.path}/{item['res_id']}" for item in command.content["data"]]
    return [command.path]


def _no_secret(entry):
    text = f"{entry.target} {entry.body} {entry.precondition}".encode()
    if any(secret in text for secret in PLANTED):
        raise Broken("I13: a secret travels in the open")
