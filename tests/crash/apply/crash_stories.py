"""What is killed, by name: first and newer values, saved plans, two processes, what leaves, and the other fleets."""

from crash_fleet import DEVICES, LAMP, SLEEPER, Mixed
from crash_instant import Instant
from crash_site import wait_until
from crash_things import Things
from crash_waves import Waves


class Second(Mixed):
    """Newer values replace those that wait."""

    def prepare(self):
        self.apply()
        self.declare(2)

    def check(self):
        self.check_settled(2, runs=2, version=2)
        self.check_delivered(2, executions=1)


class Saved(Mixed):
    """A saved plan, resumed by the same file."""

    def prepare(self):
        file = str(self.folder / "fleet.plan")
        self.WORDS = ("apply", file)
        assert self.run("plan", "-o", file)[0] == 0

    def finish(self):
        """It completes, or says that it was complete: who died after the last step had only leases left to give back."""
        code, said = self.run(*self.WORDS)
        assert code == 0 or (code == 1 and "RCL304" in said), said

    def check(self):
        super().check()
        sent = self.mutating()
        code, said = self.run(*self.WORDS)
        assert (code, self.mutating()) == (1, sent), said
        assert "RCL304" in said


class Two(Mixed):
    """A second process applies the same as soon as the first has its leases, or is dead."""

    def meanwhile(self, run):
        wait_until(lambda: run.poll() is not None or self._is_leased())
        code, said = self.run_while_time_flies("apply", "--yes")
        assert code == 0 or (code == 1 and "RCL502" in said), said

    def _is_leased(self):
        with self.state() as store:
            return store.serial() > 0 and bool(store.leases())


class Leaving(Mixed):
    """Properties leave with `onRemoval`, a device leaves with commands that wait for it."""

    def write(self):
        super().write()
        devices = DEVICES.format(
            value=1, properties="A: {value: 1, onRemoval: clear}, B: {value: 1, onRemoval: {set: 0}}, C: 1"
        )
        self.file("devices.yaml", devices)

    def prepare(self):
        self.apply()
        text = (self.manifests / "devices.yaml").read_text(encoding="utf-8")
        _, rest = text.split("---\n", 1)
        head, _ = rest.rsplit("properties", 1)
        self.file("devices.yaml", head + "properties: {C: 1}\n")

    def check(self):
        self.check_at_rest()
        lamp = self.get(f"/devices/aliyun/{LAMP}")["desired"]
        held = {path: (item["value"], item["version"]) for path, item in lamp.items() if item["version"]}
        assert held == {"B": (0, 2), "C": (1, 1)}, held
        assert self.live() == {}
        self.wake(SLEEPER)
        sleeper = self.get(f"/devices/onenet/{SLEEPER}")
        assert (sleeper["executions"], "/3303/0/5603" in sleeper["values"]) == ([], False)


STORIES = {
    "first": Mixed,
    "second": Second,
    "saved": Saved,
    "two": Two,
    "instant": Instant,
    "leaving": Leaving,
    "things": Things,
    "waves": Waves,
}
"""Everything that is killed."""
