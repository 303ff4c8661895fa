"""One NB-IoT device: registered or not, reachable or not, with its objects and its cached commands.

`online` follows the registration lifetime alone; reachability follows the last uplink (NB-IoT book, FAQ protocol#5,
#12). Every public method first walks the device up to the instant it is asked about.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from reconcile.emulator.clock import iso
from reconcile.emulator.faults import DELIVERY
from reconcile.emulator.messages import Json
from reconcile.emulator.onenet import command as state
from reconcile.emulator.onenet.command import Command
from reconcile.emulator.onenet.objects import SUCCESS, Objects
from reconcile.emulator.scene import Scene
from reconcile.emulator.sleep import Sleep


@dataclass(slots=True)
class Device:
    """A device known to the platform by its IMEI. `registered_ms` is None until it first registers."""

    scene: Scene
    imei: str
    device_id: str
    title: str
    sleep: Sleep
    objects: Objects
    lifetime_ms: int
    registered_ms: int | None
    settled_ms: int
    spoken_ms: int | None = None
    commands: dict[str, Command] = field(default_factory=dict)
    waiting: list[Command] = field(default_factory=list)
    executions: list[Json] = field(default_factory=list)

    def last_uplink(self, at_ms: int) -> int | None:
        """When the device last spoke; None when it never did."""
        if self.registered_ms is None:
            return self.spoken_ms
        scheduled = self.sleep.last_uplink(at_ms)
        return scheduled if self.spoken_ms is None else max(scheduled, self.spoken_ms)

    def is_online(self, at_ms: int) -> bool:
        """Registered, and the lifetime since the last uplink has not run out."""
        last = self.last_uplink(at_ms)
        return self.registered_ms is not None and last is not None and at_ms - last < self.lifetime_ms

    def is_reachable(self, at_ms: int, patience_s: int) -> bool:
        """Whether a command sent now is answered within the sender's timeout."""
        last = self.last_uplink(at_ms)
        return last is not None and self.sleep.is_reachable(at_ms, last, patience_s * 1000)

    def settle(self, now_ms: int) -> None:
        """Walk from uplink to uplink up to now; cached commands are delivered or expire on the way."""
        while self.waiting and self.registered_ms is not None:
            due_ms = self.sleep.next_uplink(self.settled_ms)
            if due_ms > now_ms:
                break
            self.settled_ms = due_ms
            lapsed = self.sleep.every_ms >= self.lifetime_ms
            self._deliver(due_ms, state.REGISTER if lapsed else state.UPDATE)
        self.settled_ms = max(self.settled_ms, now_ms)
        self._expire(now_ms)

    def uplink(self, kind: str, now_ms: int) -> None:
        """The device speaks now. Raises KeyError for an unknown kind."""
        bit = state.UPLINKS[kind]
        self.settle(now_ms)
        self.spoken_ms = now_ms
        if self.registered_ms is None and kind == "register":
            self.registered_ms = now_ms
        if self.registered_ms is not None:
            self._deliver(now_ms, bit)

    def enqueue(self, command: Command) -> None:
        """Take a cached command into the queue."""
        self.commands[command.uuid] = command
        self.waiting.append(command)

    def cancel(self, command: Command) -> None:
        """Take a waiting command out of the queue."""
        command.send_status = state.CANCELLED
        self.waiting.remove(command)

    def execute(self, path: str, args: str | None, at_ms: int, command_uuid: str | None) -> str:
        """Run an execute; every one that really ran is recorded."""
        outcome = self.objects.execute(path)
        if outcome == SUCCESS:
            self.executions.append({"path": path, "args": args, "time": iso(at_ms), "uuid": command_uuid})
        return outcome

    def _expire(self, now_ms: int) -> None:
        for command in [command for command in self.waiting if command.expired_ms <= now_ms]:
            command.send_status = state.EXPIRED
            self.waiting.remove(command)

    def _deliver(self, at_ms: int, uplink: int) -> None:
        self._expire(at_ms)
        notify_retries = self.scene.switches["notify_retries"] == "yes"
        due = [command for command in self.waiting if command.is_due(at_ms, uplink, notify_retries=notify_retries)]
        for command in due[:1] if self.scene.switches["uplink_releases"] == "one" else due:
            self._attempt(command, at_ms)

    def _attempt(self, command: Command, at_ms: int) -> None:
        """Send a command once. Silence costs a retry; an answer, good or bad, ends the command."""
        faults = {fault.name for fault in self.scene.faults.pick(DELIVERY, self.imei, "onenet")}
        command.attempts += 1
        command.sent_ms = at_ms
        outcome = "TIME_OUT" if "device_silent" in faults else self._perform(command, at_ms)
        if faults & {"device_silent", "device_answer_lost"}:
            self._unanswered(command, at_ms)
            return
        self.waiting.remove(command)
        command.confirmed_ms = at_ms
        command.confirm_status = outcome
        refused_as_failed = outcome != SUCCESS and self.scene.switches["negative_answer"] == "failed"
        command.send_status = state.FAILED if refused_as_failed else state.DELIVERED
        command.feedback.append((at_ms, 1))

    def _perform(self, command: Command, at_ms: int) -> str:
        match command.type:
            case "WRITE":
                outcome, _ = self.objects.write(
                    command.path, command.content["data"], command.mode, self.scene.switches
                )
                return outcome
            case "EXECUTE":
                args = command.content.get("args") if command.content else None
                return self.execute(command.path, args, at_ms, command.uuid)
            case _:
                unit = self.scene.switches["time_read"]
                outcome, command.result = self.objects.read(command.path, bin2hex=command.bin2hex, time_unit=unit)
                return outcome

    def _unanswered(self, command: Command, at_ms: int) -> None:
        command.result = None
        if command.remain == 0:
            self.waiting.remove(command)
            command.send_status = state.FAILED
            command.confirmed_ms = at_ms
            command.confirm_status = "TIME_OUT"
            return
        command.remain -= 1
        command.send_status = state.SENT if self.scene.switches["between_retries"] == "sent" else state.WAIT
        if self.scene.switches["retry_position"] == "back":
            self.waiting.remove(command)
            self.waiting.append(command)
