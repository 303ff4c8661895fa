"""One NB-IoT device: its session, its objects, its cached commands, what it has reported.

Every public method first walks the device up to the instant it is asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reconcile.emulator.clock import iso
from reconcile.emulator.messages import Json
from reconcile.emulator.onenet import command as state
from reconcile.emulator.onenet import delivery, pushes
from reconcile.emulator.onenet.command import Command, Instant
from reconcile.emulator.onenet.objects import SUCCESS, Objects
from reconcile.emulator.onenet.points import Observations, Points
from reconcile.emulator.onenet.registration import Registration
from reconcile.emulator.onenet.values import tlv_bytes
from reconcile.emulator.scene import Scene

_INSTANTS_KEPT = 200


@dataclass(slots=True)
class Device:
    """A device known to the platform by its IMEI.

    `unlisted` are resources the platform's own list does not have; `busy_until_ms` is when the last instant command
    to a silent device times out; `about` is what users wrote about the device (desc, tags, location, other). A write
    longer than `receive_bytes` is lost on a device with so small a buffer (nbiot_sdk include/config.h: 128 or 512). A
    device that `reports_always` tells its values with every uplink, changed or not. `groups` are ids of Studio's
    groups. `is_told_online` is what the last push about its presence said.
    """

    scene: Scene
    imei: str
    device_id: str
    title: str
    product_id: str
    name: str
    session: Registration
    objects: Objects
    settled_ms: int
    created_ms: int
    about: dict[str, Json] = field(default_factory=dict)
    commands: dict[str, Command] = field(default_factory=dict)
    waiting: list[Command] = field(default_factory=list)
    executions: list[Json] = field(default_factory=list)
    instants: dict[str, Instant] = field(default_factory=dict)
    points: Points = field(default_factory=Points)
    observations: Observations = field(default_factory=Observations)
    unlisted: set[str] = field(default_factory=set)
    busy_until_ms: int = 0
    receive_bytes: int | None = None
    reports_always: bool = False
    groups: frozenset[str] = frozenset()
    is_told_online: bool = True

    def settle(self, now_ms: int) -> None:
        """Walk from uplink to uplink up to now; cached commands are delivered or expire on the way."""
        sleep = self.session.sleep
        while self.waiting and self.session.is_registered:
            due_ms = sleep.next_uplink(self.settled_ms)
            if due_ms > now_ms:
                break
            self.settled_ms = due_ms
            lapsed = sleep.every_ms >= self.session.lifetime_ms
            delivery.deliver(self, due_ms, state.REGISTER if lapsed else state.UPDATE)
        self.settled_ms = max(self.settled_ms, now_ms)
        self.expire(now_ms)
        self._tell_presence(now_ms)

    def uplink(self, kind: str, now_ms: int) -> None:
        """The device speaks now. Raises KeyError for an unknown kind."""
        bit = state.UPLINKS[kind]
        self.settle(now_ms)
        self.session.speaks(kind, now_ms, self.scene.switches)
        if kind == "register":
            self.observations.renew()
            self.is_told_online = True
            pushes.presence(self, now_ms, is_online=True)
        if self.session.is_gone:
            self._tell_presence(now_ms)
            return
        self.points.arrive(now_ms)
        if bit == state.NOTIFY:
            self.report(self.objects.values(), now_ms)
        if self.session.is_registered:
            delivery.deliver(self, now_ms, bit)

    def report(self, paths: Iterable[str], at_ms: int) -> None:
        """The platform gets the present values of these resources, those it may read."""
        for path in paths:
            resource = self.objects.resources[path]
            if "R" in resource.operations and resource.value is not None:
                value = resource.as_point(path, self.scene.switches)
                self.points.add(path, at_ms, value)
                self.objects.learned.add(path)
                pushes.point(self, path, at_ms, value)

    def latest(self, path: str, now_ms: int) -> tuple[int, Json] | None:
        """The newest data point of a resource: when it arrived, and the value."""
        point = self.points.latest(path, now_ms)
        if point is None or not self.reports_always:
            return point
        return max(point[0], self.session.last_uplink(now_ms) or 0), point[1]

    def changed(self, before: dict[str, Json], at_ms: int) -> None:
        """Values changed on the device; observed ones are reported now, or at the next uplink of a sleeper."""
        values = self.objects.values()
        told = [
            path
            for path, old in before.items()
            if path in values and old != values[path] and self.observations.is_told(path, old, values[path])
        ]
        awake = self.session.heard_after(at_ms, 0) is not None
        self.report(told, at_ms if awake else self.session.sleep.next_uplink(at_ms))

    def put(self, changes: dict[str, Json], at_ms: int) -> None:
        """Somebody at the device changes values."""
        before = {path: self.objects.values().get(path) for path in changes}
        for path, value in changes.items():
            self.objects.put(path, value)
        self.changed(before, at_ms)

    def enqueue(self, command: Command) -> None:
        """Take a cached command into the queue."""
        self.commands[command.uuid] = command
        self.waiting.append(command)

    def cancel(self, command: Command) -> None:
        """Take a waiting command out of the queue."""
        self._end(command, state.CANCELLED)

    def execute(self, path: str, args: str | None, at_ms: int, command_uuid: str | None) -> str:
        """Run an execute; every one that really ran is recorded."""
        outcome = self.objects.execute(path)
        if outcome == SUCCESS:
            self.executions.append({"path": path, "args": args, "time": iso(at_ms), "uuid": command_uuid})
        return outcome

    def can_hold(self, data: Iterable[Mapping[str, Json]]) -> bool:
        """Whether a write fits into the device's buffer."""
        return self.receive_bytes is None or sum(tlv_bytes(item) for item in data) <= self.receive_bytes

    def expire(self, now_ms: int) -> None:
        """End the commands whose expired_time has come."""
        for command in [command for command in self.waiting if command.expired_ms <= now_ms]:
            self._end(command, state.EXPIRED)

    def note(self, instant: Instant) -> None:
        """Keep an instant command for its trace."""
        self.instants[instant.uuid] = instant
        if len(self.instants) > _INSTANTS_KEPT:
            del self.instants[next(iter(self.instants))]

    def _tell_presence(self, now_ms: int) -> None:
        """Push that the device came or went since it was last looked at; a visit in between stays untold."""
        switches = self.scene.switches
        is_online = self.session.is_shown_online(now_ms, switches)
        if is_online == self.is_told_online:
            return
        self.is_told_online = is_online
        at_ms = self.session.last_uplink(now_ms) if is_online else self.session.lapsed_ms(now_ms, switches)
        pushes.presence(self, now_ms if at_ms is None else at_ms, is_online=is_online)

    def _end(self, command: Command, status: int) -> None:
        command.send_status = status
        self.waiting.remove(command)
        pushes.ended(self, command)
