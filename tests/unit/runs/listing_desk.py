"""A folder with a fleet, and a cloud that lists its devices as told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from reconcile.ports import ListedDevice
from reconcile.runs.listing_shelf import Shelf
from reconcile.runs.listings import Freshness, Listings
from reconcile.runs.load import load
from reconcile.runs.source import FolderSource

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
FLEET = """apiVersion: reconcile/v1
kind: Fleet
metadata: {name: f}
spec:
  platforms:
    ali: {type: aliyun, region: cn-shanghai, credentials: {accessKeyId: {env: A}, accessKeySecret: {env: B}}}
  inventory: [{platform: ali, products: [a1], labels: {class: lamp}}]
"""


def lamps(*numbers):
    return [ListedDevice(f"lamp-{n}", {"productKey": "a1", "deviceName": f"lamp-{n}"}, {}) for n in numbers]


class Desk:
    """A folder with a fleet, and a cloud that answers what it is told to."""

    def __init__(self, folder):
        self.folder = folder
        self.answer = lamps(1, 2)
        self.asked = 0
        (folder / "fleet.yaml").write_text(FLEET)

    def ask(self, entries, configs):
        self.asked += 1
        return [self.answer for _ in entries]

    def load(self, freshness=Freshness.WHEN_OLD, at=NOW, endpoints=None):
        shelf = Shelf(self.folder / ".reconcile" / "listings")
        listings = Listings(freshness, lambda state: shelf, self.ask, endpoints or {}, lambda: at)
        fleet = load(FolderSource(self.folder), now=at, listings=listings)
        return fleet, [(d.code, d.is_error) for d in fleet.diagnostics]

    @property
    def kept(self):
        return sorted((self.folder / ".reconcile" / "listings").iterdir())
