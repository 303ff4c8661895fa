"""A rollout, of which every wave waits for the one before."""

from types import MappingProxyType

from crash_fleet import FLEET
from crash_site import Site

NEVER = {"kind": "psm", "wake_every_s": 864000, "awake_s": 1}


class Waves(Site):
    """A rollout in three waves, killed as it sends its second."""

    IMEIS = tuple(f"86582003000000{n}" for n in (1, 2, 3))
    POPULATION = tuple({"cloud": "onenet", "imei": imei, "sleep": NEVER} for imei in IMEIS)
    NAMES = MappingProxyType({f"meter-{n}": imei for n, imei in enumerate(IMEIS, 1)})

    def write(self):
        self.file("fleet.yaml", FLEET)
        profile = """\
apiVersion: reconcile/v1
kind: Profile
metadata: {name: meters}
spec:
  selector: {matchLabels: {class: meter}}
  resources: {/3303/0/5603: -20.0}
  rollout:
    waves: [{devices: 1}, {devices: 2}, {devices: 100%}]
    order: {label: ring, values: ["1", "2", "3"]}
"""
        meter = """\
---
apiVersion: reconcile/v1
kind: Device
metadata: {{name: {name}, labels: {{class: meter, ring: "{ring}"}}}}
spec: {{platform: onenet-prod, imei: "{imei}"}}
"""
        meters = [meter.format(name=name, ring=name[-1], imei=imei) for name, imei in self.NAMES.items()]
        self.file("meters.yaml", profile + "".join(meters))

    def prepare(self):
        self.apply()
        self.wake(self.IMEIS[0])

    def check(self):
        self.check_journal_came_first()
        assert self._given() == [*self.IMEIS[:2]]
        for imei in self.IMEIS[1:]:
            self.wake(imei)
            self.apply()
        assert self._given() == [*self.IMEIS]
        self.check_at_rest()

    def _given(self):
        """Devices that a command was queued for, in order: each once."""
        return [entry["device"] for entry in self.landed("queue_write")]
