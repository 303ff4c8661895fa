"""What is fuzzed: each target has seeds, and a reader that may raise nothing but what it documents."""

import contextlib
import gzip
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from reconcile.model.errors import PlanRefused, StateError
from reconcile.model.journal import AttemptState
from reconcile.platforms.aliyun import answers as aliyun
from reconcile.platforms.onenet.wire import answers as onenet
from reconcile.platforms.onenet.wire import device_answers, queue_answers, thing_answers
from reconcile.ports import Commit
from reconcile.runs.load import load
from reconcile.runs.planfile import read_plan, write_plan
from reconcile.runs.source import FolderSource
from reconcile.state.exported import Learned, verified
from reconcile.state.exported_lines import read_lines
from reconcile.state.sqlite import Sqlite
from reconcile.testing import builders, fleets

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
MOST_SEED_BYTES = 20_000


class Manifest:
    """A fleet of one file; whatever is wrong comes back as diagnostics."""

    def __init__(self, folder):
        self._folder = folder
        files = [*GOLDEN.glob("fleets/*/*.yaml"), *GOLDEN.glob("broken/*/*.yaml")]
        self.seeds = [file.read_bytes() for file in sorted(files) if file.stat().st_size < MOST_SEED_BYTES]

    def read(self, content):
        (self._folder / "fleet.yaml").write_bytes(content)
        load(FolderSource(self._folder), now=NOW)


class PlanFile:
    """A saved plan, or its text packed again with a good checksum: refused, or one that was written (I14)."""

    def __init__(self, folder):
        sys.path.insert(0, str(GOLDEN))
        import test_plan

        self._file, self._plans, self.seeds = folder / "fleet.plan", [], []
        for case in ("classes-largest-first", "execute-after-change", "conflict-policies"):
            self._plans.append(fleets.plan_of(test_plan.read(GOLDEN / "plan" / case)))
            write_plan(self._plans[-1], self._file)
            self.seeds += [self._file.read_bytes(), gzip.decompress(self._file.read_bytes())]

    def read(self, content):
        is_packed = content.startswith(b"\x1f\x8b")
        self._file.write_bytes(content if is_packed else gzip.compress(content, 1))
        with contextlib.suppress(PlanRefused):
            assert read_plan(self._file) in self._plans, "a changed plan was taken"


class Journal:
    """An export of a state, with its journal: refused, or all of it holds together."""

    def __init__(self, folder):
        with Sqlite.open(folder / "state.db") as store:
            one, two = builders.attempt("1-1"), builders.attempt("1-2")
            store.commit(Commit(entries=[one.entry, two.entry], opened=[one, two]), fences={})
            done = builders.entry("1-1", AttemptState.DONE)
            store.commit(Commit(entries=[done], devices=[builders.recorded("meter-1")]), fences={})
            lines = [json.dumps(body).encode() + b"\n" for body in store.export()]
        self.seeds = [b"".join(lines)]

    def read(self, content):
        with contextlib.suppress(StateError):
            list(verified(read_lines(content.splitlines(keepends=True)), Learned()))


class Onenet:
    """Any answer, by any parser of OneNET's answers."""

    def __init__(self, _folder):
        self.seeds = _answers("onenet")

    def read(self, content):
        try:
            data = onenet.envelope(content).data
        except onenet.Unparsable:
            return
        for parse in (
            *(onenet.uuid_of, onenet.resource_list, device_answers.device, device_answers.classic_page),
            *(device_answers.device_page, device_answers.product_page, device_answers.statuses),
            *(device_answers.latest_points, queue_answers.trace, queue_answers.withdrawn),
            *(thing_answers.desired, thing_answers.reported, thing_answers.thing_model),
            lambda found: onenet.read_values("/3303/0", found),
            lambda found: onenet.discovered("/3303/0", found),
            lambda found: queue_answers.history(found, "865820030000001"),
            lambda found: queue_answers.detail(found, "u", "865820030000001"),
        ):
            with contextlib.suppress(onenet.Unparsable):
                parse(data)


class Aliyun:
    """Any answer, as JSON and as XML."""

    def __init__(self, _folder):
        self.seeds = [*_answers("aliyun"), b"<R><Success>true</Success><Data><Versions>{}</Versions></Data></R>"]

    def read(self, content):
        for is_xml in (False, True):
            with contextlib.suppress(aliyun.Unreadable):
                answer = aliyun.read_answer(200, content, is_xml=is_xml)
                aliyun.versions_of(answer)
                aliyun.rows_of(answer, "DesiredPropertyInfo", "")


def _answers(cloud):
    """Every object of the vendor's documented exchanges that looks like an answer."""
    found = []
    for file in sorted((GOLDEN / "exchanges" / cloud).glob("*.json")):
        found += _envelopes(json.loads(file.read_text(encoding="utf-8")))
    return sorted({json.dumps(one).encode() for one in found})


def _envelopes(value):
    if isinstance(value, dict):
        if value.keys() & {"errno", "code", "Success", "Code"}:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _envelopes(one)


TARGETS = {"manifest": Manifest, "plan": PlanFile, "journal": Journal, "onenet": Onenet, "aliyun": Aliyun}


@contextlib.contextmanager
def opened(name):
    """A target in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        yield TARGETS[name](Path(folder))
