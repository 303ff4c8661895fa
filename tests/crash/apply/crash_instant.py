"""Commands before and after instant writes, of which a lost answer leaves a question for a person."""

from types import MappingProxyType

from crash_fleet import FLEET
from crash_site import Site

from reconcile.model.journal import AttemptState

VALVE = "865820030000009"


class Instant(Site):
    """Commands before and after instant writes: at most one attempt each; a person says what nobody can prove."""

    POPULATION = ({"cloud": "onenet", "imei": VALVE, "sleep": {"kind": "none"}},)
    NAMES = MappingProxyType({"valve": VALVE})
    BEFORE, AFTER = "/3/0/4", "/3303/0/5605"

    def write(self):
        self.file("fleet.yaml", FLEET)
        self.file(
            "valve.yaml",
            f"""\
apiVersion: reconcile/v1
kind: Device
metadata: {{name: valve}}
spec:
  platform: onenet-prod
  imei: "{VALVE}"
  delivery: {{mode: now, retry: 0}}
  resources: {{/3303/0/5603: 1.0, /1/0/3: 100}}
  commands:
    open: {{execute: {self.BEFORE}, before: [/3303/0/5603]}}
    close: {{execute: {self.AFTER}, after: [/1/0/3]}}
""",
        )

    def finish(self):
        """What waits for a person is answered by what the device says, and then the same command ends well."""
        code, said = self.run(*self.WORDS)
        assert code in (0, 5), said
        with self.state() as store:
            asked = [one.entry for one in store.open_attempts()]
        assert (code == 5) == bool(asked), said
        for entry in asked:
            assert entry.state is AttemptState.NEEDS_OPERATOR
            answer = "--ran" if self._ran(entry.target) else "--not-ran"
            code, said = self.run("state", "settle", entry.intent, answer, "--yes")
            assert code == 0, said
        if asked:
            super().finish()

    def check(self):
        self.check_at_rest()
        assert [self._ran(path) for path in (self.BEFORE, self.AFTER)] == [1, 1]
        values = self.get(f"/devices/onenet/{VALVE}")["values"]
        assert (values["/3303/0/5603"], values["/1/0/3"]) == (1.0, 100)
        ran = [entry["target"] for entry in self.log() if entry["landed"] and entry["mutating"]]
        assert ran.index(self.BEFORE) < ran.index("/3303/0")
        assert ran.index("/1/0") < ran.index(self.AFTER)

    def _ran(self, path):
        return sum(run["path"] == path for run in self.get(f"/devices/onenet/{VALVE}")["executions"])
