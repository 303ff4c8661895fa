"""Rollouts: what the crowd's profile says, and what a gate may have let through, told by what the devices held."""

from collections import defaultdict
from datetime import datetime

from reconcile.model.rollout import Rollout, Wave
from reconcile.model.values import canonical, short_digest

from .broken import Broken
from .fleet import CROWD, NAMES

PROFILE = "meters"
WAVES = (1, 3)
"""How many devices are changed once a wave is sent; the last wave takes all."""
CLOCKS_S = 1000
"""How far apart the clocks of two processes may be that send a wave and judge it: up to 500 s either way."""


def rollout_of(wanted):
    """The rollout of what git wants of the crowd: one device, two more, and the last."""
    waves = (*(Wave(count=count) for count in WAVES), Wave(percent=100.0))
    return Rollout(PROFILE, short_digest(canonical([PROFILE, wanted])), waves, order=("ring", CROWD))


class Gates:
    """I4 of rollouts: no device beyond a wave is told a value before all devices of that wave held it.

    Devices count in the order in which they are told: one that cannot be read is in no plan, and the next takes its
    place. So it does when one is silent for as long as a command may wait, counted from when it was begun to be told.
    """

    def __init__(self, git):
        self._git = git
        self._told_ms = defaultdict(dict)  # (path, value): devices in the order in which they were told, and when

    def arrived(self, entry, processes, seen, begun):
        """One write to a crowd's device as it arrives. seen: what each device held, in order; begun: journal
        entries; processes: all that there were.
        """
        name = NAMES.get(entry.device)
        if name not in CROWD or entry.operation != "queue_write":
            return
        for item in entry.body["data"]:
            path, value = f"{entry.target}/{item['res_id']}", item["val"]
            told = self._told_ms[path, value]
            if name not in told:
                counted = [each for each in told if not self._is_passed_over(each, (path, value), entry, seen)]
                self._in_turn(name, value, told, len(counted), processes)
                gated = counted[: max((size for size in WAVES if size <= len(counted)), default=0)]
                waited_for = [each for each in gated if value not in seen[each, path]]
                if waited_for:
                    raise Broken(f"I4: {name} is told {value} before {waited_for} of an earlier wave held it")
                told[name] = self._begun_ms(name, begun, entry)

    def _is_passed_over(self, name, change, entry, seen):
        path, value = change
        patience_ms = 1000 * (self._git.delivery.expire_after_s - CLOCKS_S)
        return value not in seen[name, path] and entry.time_ms - self._told_ms[change][name] >= patience_ms

    def _begun_ms(self, name, begun, entry):
        """When it was begun to be told, or its older value to be withdrawn: who did may have died before it was told."""
        others = [ms for told in self._told_ms.values() for each, ms in told.items() if each == name]
        mine = (one for one in begun if one["device"].endswith(f"/{name}"))
        times = (datetime.fromisoformat(one["at"]).timestamp() * 1000 for one in mine)
        return min((ms for ms in times if ms > max(others, default=0)), default=entry.time_ms)

    def _in_turn(self, name, value, told, counted, processes):
        plans = [process.plan for process in processes if process.plan is not None]
        unread = {notice.device.name for plan in plans for notice in plan.unknown}  # who took its place keeps it
        place = CROWD.index(name)
        before = [each for each in CROWD[:place] if each not in told and each not in unread]
        if any(wave_at(counted) != wave_at(counted + place - CROWD.index(each)) for each in before):
            raise Broken(f"I4: {name} is told {value} before {before}, which come first")


def wave_at(count):
    """The wave of the next device when so many were told, from 1."""
    return 1 + sum(count >= size for size in WAVES)
