"""Manifests as values, state on disk, and the program as a run: `apply` is the whole apply run, from leases to tally."""

import asyncio
import contextlib
import functools
import shutil
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from virtual_time.fleet import ALIYUN, KEYS, ONENET, models
from virtual_time.store import FOLDER, HandedOn

from reconcile.apply.deadlines import stamp
from reconcile.apply.pace import Pace
from reconcile.manifest.document import Fleet
from reconcile.manifest.refresh_rule import RefreshRule
from reconcile.model.device import Device
from reconcile.model.diagnostic import NOWHERE
from reconcile.model.errors import CallFailed, ReconcileError
from reconcile.model.fleet import DesiredDevice
from reconcile.platforms import registry
from reconcile.platforms.onenet import transport
from reconcile.ports import ClientSettings, PlatformConfig
from reconcile.runs.apply import Applied, ApplyRequest, Approval, apply
from reconcile.runs.plan import make_plan
from reconcile.runs.request import Refresh, Request
from reconcile.runs.session import Options, Session

from .clouds import Clouds, Killed
from .loop import VirtualLoop
from .state import ME, Journalled

QUOTA = {"onenet": 80, "aliyun": 40}
_ONENET = {**ONENET, "projectId": "ocgzVU", "quota": {"requestsPerSecond": 80}}
_ALIYUN = {**ALIYUN, "quota": {"requestsPerSecond": 40}}
PLATFORMS = {
    "onenet-prod": PlatformConfig("onenet-prod", "onenet", _ONENET, 80.0, NOWHERE),
    "aliyun-prod": PlatformConfig("aliyun-prod", "aliyun", _ALIYUN, 40.0, NOWHERE),
}


@contextlib.contextmanager
def _one_tls_context():
    """Loading the authorities takes longer than a whole run here, and nothing is encrypted."""
    found = transport.tls_for
    transport.tls_for = _tls_for
    try:
        yield
    finally:
        transport.tls_for = found


@functools.cache
def _tls_for(_scheme):
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class _NoSource:
    """Manifests that come from no folder."""

    def commit(self):
        return None


class _Session(Session):
    """A session whose clients go to the clouds beside it, by their clock."""

    clouds: Clouds

    def client(self, platform):
        if platform not in self._clients:
            config = self.fleet.platforms[platform]
            pace = self.paces[platform] = Pace(config.requests_per_second, self.clouds.loop.time)
            nonces = iter(range(1 << 62))
            with _one_tls_context():
                client = registry.find(config.type).open(
                    ClientSettings(
                        config=config,
                        credentials=self._keys(platform),
                        secrets=self.vault,
                        endpoint="http://127.0.0.1:1",
                        pace=pace,
                        now=self.clouds.now,
                        nonce=lambda: f"{self.clouds.loop.time()}-{next(nonces)}",
                    )
                )
            if config.type == "onenet":
                client._transport._connections = self.clouds
            else:
                client._gateway._http._connections = self.clouds
            self._clients[platform] = client
        return self._clients[platform]


@dataclass
class Run:
    """What one apply did: its plan, its outcome (None: it died, or failed as a whole), its part of the emulator's log."""

    plan: object = None
    applied: Applied | None = None
    log: list = field(default_factory=list)
    failure: ReconcileError | None = None


class Site:
    """One fleet. `devices` are known by name, `documents` is what git says of them; edits replace it between runs."""

    def __init__(self, population, devices, switches=None, seed=0):
        self.loop = VirtualLoop()
        self.clouds = Clouds(self.loop, population, switches or {}, seed)
        self.clouds.die = self._die
        self.devices: dict[str, Device] = {device.ref.name: device for device in devices}
        self.documents = {}
        self.refresh_rule = RefreshRule()
        self.folder = Path(tempfile.mkdtemp(dir=FOLDER, prefix="proving-"))
        self.journal = []
        self.current = Run()
        self.death_at_commit = None  # (how many commits more, "before" | "after")
        self.store = HandedOn.open(self.folder / "state.db", process=ME)

    def close(self):
        self.store.forget()
        self.loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def log(self):
        return self.clouds.world.log.entries

    def apply(self, refresh=Refresh.CHANGED, stop_after_s=None, saved=None):
        """One apply run, of a saved plan or of its own, to its end, its death, or a signal after some seconds."""
        run, seen = Run(), len(self.log)
        self.current = run

        def confirm(plan):
            run.plan = plan
            return True

        async def work(session):
            stop = asyncio.Event()
            if stop_after_s is not None:
                self.loop.call_later(stop_after_s, stop.set)
            job = ApplyRequest(Request(refresh), Approval(None, confirm), lambda _event: None, stop, "proof", saved)
            return await apply(session, job)

        try:
            run.applied = self._run(work)
        except ReconcileError as exc:
            run.failure = exc
        if run.applied is not None and run.applied.plan is not None:
            run.plan = run.applied.plan
        run.log = self.log[seen:]
        return run

    def plan(self, refresh=Refresh.CHANGED):
        async def work(session):
            return (await make_plan(session, Request(refresh))).plan

        return self._run(work)

    def send(self, device, actions):
        """Sends actions past planner and journal, as a script would; what is refused is lost."""

        async def work(session):
            client = session.client(device.ref.platform)
            for action in actions:
                times = stamp(action, client.server_now(), 15.0, ())
                with contextlib.suppress(CallFailed):
                    await client.send(device.identity, action, times)

        self._run(work)

    def records(self):
        return list(self.store.devices([head.ref for head in self.store.heads()]))

    def open_attempts(self):
        return self.store.open_attempts()

    def meets_death(self, side):
        if self.death_at_commit is None or self.death_at_commit[1] != side:
            return
        left, _ = self.death_at_commit
        self.death_at_commit = (left - 1, side)
        if left == 0:
            self._die()
            raise Killed

    def _die(self):
        self.death_at_commit = None
        self.clouds.is_dead = True
        self.loop.stop()

    def session(self, store):
        """The program as it starts, with the documents of now."""
        options = Options(Path("manifests"), None, {}, KEYS, self.clouds.now)
        devices = [DesiredDevice(self.devices[name], document) for name, document in self.documents.items()]
        devices.sort(key=lambda desired: desired.device.ref)
        fleet = Fleet("proof", PLATFORMS, models(), devices, digest="sha256:proof", refresh=self.refresh_rule)
        session = _Session(options, fleet, store, _NoSource())
        session.clouds = self.clouds
        return session

    def _run(self, work):
        """The result of one run, None when it died."""
        self.clouds.is_dead = False
        try:
            return self.loop.run_until_complete(work(self.session(Journalled(self.store, self))))
        except (Killed, RuntimeError):
            if not self.clouds.is_dead:
                raise
            self._bury()
            return None
        finally:
            self.death_at_commit = self.clouds.death = None
            self.clouds.is_dead = False

    def _bury(self):
        """Ends what the dead run left on the loop; none of it can touch state or clouds."""
        self.loop.call_soon(self.loop.stop)
        self.loop.run_forever()  # a stop that is ready already must not end the next run
        for _ in range(5):
            tasks = [task for task in asyncio.all_tasks(self.loop) if not task.done()]
            if not tasks:
                return
            for task in tasks:
                task.cancel()
            self.loop.call_later(0.001, self.loop.stop)
            self.loop.run_forever()
