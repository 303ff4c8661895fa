"""One fleet with its clouds, its state file and the processes that apply to it, side by side on one virtual clock."""

import asyncio
import json
import random
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from virtual_time.fleet import NOON
from virtual_time.store import FOLDER

from reconcile.emulator import Request, World, handle, routes
from reconcile.emulator.clock import to_ms
from reconcile.emulator.faults import parse_rules
from reconcile.model.errors import ReconcileError
from reconcile.runs.apply import ApplyRequest, Approval, apply
from reconcile.runs.kept_devices import Keeper
from reconcile.runs.plan import make_plan
from reconcile.runs.planfile import read_plan, write_plan
from reconcile.runs.request import Refresh
from reconcile.runs.request import Request as PlanRequest
from reconcile.runs.session import Options, Session

from . import aborts
from .broken import Broken
from .fleet import CROWD, ENDPOINTS, HOSTS, IMEI, KEYS, PATHS, POPULATION, PROPERTIES, VALVE, fleet_of
from .herd import HERD
from .loop import VirtualLoop
from .process import Process
from .schedule import OVERTAKEN
from .store import Store


class Network(NamedTuple):
    """Shares of connections that do not come about and of answers that are lost; seconds an answer may take longer."""

    unreachable: float
    lost_answers: float
    jitter_s: float


CALM = Network(0.0, 0.0, 0.0)


class _Source:
    """Manifests that come from no folder: of a commit with that number, or of none."""

    def __init__(self, commit):
        self._commit = commit

    def commit(self):
        return self._commit


class Site:
    """`git` is what the manifests say now; `checks` are told of every arrival at the clouds and every change there."""

    def __init__(self, schedule, git, checks):
        self.schedule, self.git, self.checks = schedule, git, checks
        self.loop = VirtualLoop()
        self.dice = random.Random(schedule.dice)
        self.network = Network(*schedule.network)
        population = [POPULATION[name] for name in schedule.devices]
        self.world = World.from_records(population, seed=0, now=NOON, switches=schedule.switches)
        self.processes = []
        self.outsider = Process(self.loop, 0, host="outside")
        self.sender = {}  # seq of a log entry: the process that sent the request
        self.account = {}  # seq of a log entry: the account that it was sent to
        self.words = []  # what processes told people
        self.before = {}  # operation: what happens once, just before such a request arrives
        self.saved = None
        self.saved_at = 0  # how long the journal was when the plan was saved
        self.checked_serial = 0
        self.folder = Path(tempfile.mkdtemp(dir=FOLDER, prefix="simulation-"))
        self.state = self.folder / "state.db"

    def open(self):
        """Makes the state; under the seams."""
        self.reader = Store.open(self.state, process=self.outsider.seen_by_leases)

    def close(self):
        for process in self.processes:
            if not process.is_over:
                process.die()
        self.loop.run_until_complete(asyncio.sleep(0))
        for process in self.processes:
            process.bury()
        self.reader.forget()
        self.loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def log(self):
        return self.world.log.entries

    def now(self):
        return self.outsider.now()

    def is_gone(self, number):
        return not any(process.number == number and not process.is_over for process in self.processes)

    # Processes.

    def start(
        self,
        *,
        host="h9",
        offset=0.0,
        drift=0.0,
        accidents=(),
        faults=(),
        full=None,
        dies_at_commit=None,
        refresh="changed",
        saved=False,
        partial=False,
        reads_s=0,
        wave=None,
    ):
        """Begins an apply of what git says now, or of the plan that was saved, or of what of that is not stale.

        wave: the last of a rollout that it may send. reads_s: how long it takes from the reading of the manifests until it asks for its leases.
        """
        self.script(faults)
        found = {step: tuple(what) for step, *what in accidents}
        process = Process(self.loop, len(self.processes) + 1, host, offset, drift, found)
        process.full_at, process.dies_at_commit = full, tuple(dies_at_commit or ())
        process.up_to, process.is_saved = wave, saved
        self.processes.append(process)
        plan = self.saved if saved else None
        if plan is not None:
            self.checks.stale.begins(process, plan, self.checks.journal(self).entries[self.saved_at :])
        else:
            process.read_call = self.git.call
        process.commit = self._commit()
        fleet = self._fleet()
        self.checks.spread.begins(self, process)
        process.begin(lambda own: self._apply(own, fleet, Refresh(refresh), plan, is_partial=partial, reads_s=reads_s))
        return process

    def _commit(self):
        return str(self.git.commits) if self.schedule.has_commits else None

    def _fleet(self):
        """What loading the manifests gives now."""
        return fleet_of(self.git.documents(), self.schedule.quota, self.schedule.suite, self.git.rollouts())

    def save(self):
        """Makes a plan, and keeps it as a file."""
        process = Process(self.loop, len(self.processes) + 1, "h8")
        process.takes_lease = False
        self.processes.append(process)
        process.commit = self._commit()
        fleet = self._fleet()
        self.saved_at = len(self.checks.journal(self).entries)
        process.begin(lambda own: self._plan(own, fleet))
        return process

    def attend(self, work):
        """A person runs a command that works on a session."""
        process = Process(self.loop, len(self.processes) + 1, "h9")
        self.processes.append(process)
        fleet = self._fleet()
        process.begin(lambda own: self._inside(own, fleet, work))
        return process

    async def _apply(self, process, fleet, refresh, plan, *, is_partial=False, reads_s=0):
        if reads_s:
            await asyncio.sleep(reads_s)
        process.stop = asyncio.Event()
        process.plan, process.planned_at = plan, process.now()

        def confirm(made):
            process.plan, process.planned_at = made, process.now()
            return True

        approval = Approval(plan.digest if plan else None, confirm)
        words = self.words.append
        owner = f"p{process.number}"
        job = ApplyRequest(PlanRequest(refresh), approval, words, process.stop, owner, plan, is_partial, process.up_to)
        process.outcome = await self._inside(process, fleet, lambda session: apply(session, job))
        if process.outcome is not None and process.outcome.plan is not None:
            process.plan = process.outcome.plan
        aborts.ended(self.checks.spread, self, process)

    async def _plan(self, process, fleet):
        found = await self._inside(process, fleet, lambda session: make_plan(session, PlanRequest()))
        if found is not None:
            write_plan(found.plan, self.folder / "kept.plan")
            self.saved = read_plan(self.folder / "kept.plan", Keeper())

    async def _inside(self, process, fleet, work):
        """Runs work in a session of this process; None when it failed as a whole."""
        try:
            store = process.store = Store.open(self.state, process=process.seen_by_leases)
            store.owner, store.full_at, store.dies_at = process, process.full_at, process.dies_at_commit
            store.watch = lambda commit: self._committed(process, commit)
            options = Options(Path("manifests"), None, ENDPOINTS, KEYS, process.now)
            session = Session(options, fleet, store, _Source(process.commit))
            try:
                return await work(session)
            finally:
                process.has_left = True
                await session.close_clients()
        except ReconcileError as exc:
            process.failure = exc
            self.words.append(exc)
            return None
        finally:
            if not process.is_dead:
                process.store.drop()

    def _committed(self, process, commit):
        """A transaction is durable. What a check finds here is no error of the store, and told when a move ends."""
        try:
            self.checks.spread.committed(self, process, commit)
        except (Broken, LookupError, StopIteration) as found:
            self.loop.complaints.append({"handle": commit, "exception": found})

    # The world.

    def land(self, asked, process):
        """A request arrives at the clouds."""
        if self.before:
            call = routes.find(self.world, asked, to_ms(self.now()))
            self.before.pop(call.operation if call else "", lambda: None)()
        seen = len(self.log)
        response = handle(self.world, asked, self.now())
        fresh = self.log[seen:]
        own = fresh[-2] if len(fresh) > 1 and fresh[-1].fault == "duplicate" else fresh[-1]
        self.sender[own.seq], self.account[own.seq] = process, HOSTS[asked.headers["host"]]
        has_landed = self._arrived(fresh)
        self.checks.changed(self, (process,) if own.landed else tuple(self.processes) if has_landed else ())
        return response

    def _arrived(self, fresh):
        """Tells the checks of new entries of the log; whether any took effect."""
        for entry in fresh:
            self.checks.arrived(self, entry, self.sender.get(entry.seq))
        return any(entry.landed for entry in fresh)

    def script(self, faults):
        """Adds faults: (operation, nth request of it from now on, fault, how many requests)."""
        rules = [
            {
                "match": {"operation": op, "nth": nth, "times": times, "device": device[0] if device else None},
                "fault": fault,
            }
            for op, nth, fault, times, *device in faults
        ]
        self.world.scene.faults.rules = [*self.world.scene.faults.rules, *parse_rules({"rules": rules})]

    def heal(self):
        """Faults, accidents and a bad network end."""
        self.world.scene.faults.rules = []
        self.network = CALM
        self.before.clear()
        for name in self.schedule.devices:
            if name in HERD:
                self.refuse(name, is_willing=True)
        for process in self.processes:
            process.accidents.clear()
            if process.store is not None:
                process.store.full_at = process.store.dies_at = None

    def control(self, path, body):
        """A control call, as over HTTP."""
        seen = len(self.log)
        answer = handle(self.world, Request("POST", f"/_emulator{path}", body=json.dumps(body).encode()), self.now())
        assert answer.status == 200, answer.body
        self._arrived(self.log[seen:])
        self.checks.changed(self)

    def wake(self, name):
        """The device speaks; of a crowd or a herd, all do."""
        if name in ("crowd", "herd"):
            for each in CROWD if name == "crowd" else self.schedule.devices:
                self.wake(each)
            return
        self.control(f"{self.where(name)}/uplink", {"kind": "update"})

    def intrude(self, name, path):
        """Somebody else writes: at the device (OneNET), or a desired value (where the cloud keeps them)."""
        if name == "valve":
            self.world.things[VALVE].set_desired({path: self.git.intrude(name, path)}, to_ms(self.now()))
            self.checks.changed(self)
            return
        self.control(f"{self.where(name)}/console", {path: self.git.intrude(name, path)})

    def race(self, name):
        """The sleeper wakes just before the next cancel arrives; somebody sets the lamp's value just before we do."""
        happens = (lambda: self.wake(name)) if name == "sleeper" else (lambda: self.intrude(name, PATHS[name][0]))
        self.before[OVERTAKEN[name]] = happens

    def tick(self):
        """Lets happen what is due; copies that were late are among it."""
        seen = len(self.log)
        handle(self.world, Request("GET", "/_emulator/health"), self.now())
        self.world.settle(to_ms(self.now()))
        has_landed = self._arrived(self.log[seen:])
        self.checks.changed(self, tuple(self.processes) if has_landed else ())

    def refuse(self, name, is_willing):
        """A device of a herd takes no new value, or takes it again."""
        if name in PROPERTIES:
            fault = ["set_desired", 1, "errno:iot.device.NotExistedDevice", None, PROPERTIES[name]]
            self.script([] if is_willing else [fault])
        else:
            self.world.onenet[IMEI[name]].objects.refuses = frozenset(() if is_willing else PATHS[name])

    def where(self, name):
        if name == "valve":
            return f"/devices/onenet/{VALVE}"
        return (
            f"/devices/aliyun/{PROPERTIES[name]}"
            if name in PROPERTIES
            else f"/devices/onenet/{POPULATION[name]['imei']}"
        )

    def executions(self, name="sleeper"):
        """What a device ran."""
        device = self.world.onenet.get(IMEI[name])
        return device.executions if device is not None else []

    def holds(self, name):
        """What the device holds (OneNET), or the cloud wants of it (Aliyun), by path."""
        if name in PROPERTIES:
            return {path: wish.value for path, wish in self.in_cloud(name).items() if wish.is_set}
        if name == "valve":
            return {path: wish.value for path, wish in self.in_cloud(name).items()}
        return self.world.onenet[POPULATION[name]["imei"]].objects.values()

    def in_cloud(self, name):
        """The desired values that the cloud keeps of a device, with their versions."""
        return self.world.things[VALVE].desired if name == "valve" else self.world.aliyun[PROPERTIES[name]].desired
