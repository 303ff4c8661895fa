"""What is kept between plans (blocks of inventories, sealed documents) never shows in a plan: only in what is read."""

from __future__ import annotations

import gzip
import random
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from benchmarks.scale_fleet import write
from benchmarks.servers import KEYS
from benchmarks.settled import settle
from reconcile.cli.scope import scope_of
from reconcile.manifest.select import read_selector
from reconcile.manifest.settled import cells, half
from reconcile.model.device import DeviceRef
from reconcile.model.recorded import DeliveryState
from reconcile.ports import Commit
from reconcile.runs import beside, recorded_fleet, sealed_files, source
from reconcile.runs.asked import Asked
from reconcile.runs.plan import plan_now
from reconcile.runs.recorded_fleet import ScreenedFleet
from reconcile.runs.request import Refresh, Request
from reconcile.runs.session import InputRejectedError, Options, Session
from reconcile.state.sqlite import Sqlite

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

DEVICES = 60
AT = datetime(2026, 1, 2, tzinfo=UTC)
OWN = """apiVersion: reconcile/v1
kind: Device
metadata: {{name: {name}}}
spec: {{platform: aliyun-prod, properties: {{Brightness: {number}}}}}
---
"""

SELECTORS = (
    {"matchLabels": {"class": "lamp"}},
    {"matchExpressions": [{"key": "batch", "operator": "In", "values": ["b07", "b1"]}]},
    {"matchExpressions": [{"key": "model", "operator": "NotIn", "values": ["m1", "m2"]}]},
    {"matchExpressions": [{"key": "nowhere", "operator": "Exists"}]},
    {"matchLabels": {"nowhere": "x"}},
    {},
)
HOLD = "apiVersion: reconcile/v1\nkind: Hold\nmetadata: {name: pause}\nspec: "
Rows = list[str]
REQUEST = Request(Refresh.NONE)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settled fleet in blocks of a few rows; some devices have documents of their own, in two files."""
    monkeypatch.setattr(cells, "BLOCK_BYTES", 240)
    monkeypatch.setattr(recorded_fleet, "WORTHWHILE_BLOCKS", 1)
    monkeypatch.setattr(sealed_files, "WORTHWHILE_DOCUMENTS", 1)
    monkeypatch.setattr(half, "LEAST_BYTES", 1)
    monkeypatch.setattr(recorded_fleet, "can_fork", lambda: sys.platform == "linux")  # a test may have threads
    folder = tmp_path / "fleet"
    write(folder, DEVICES)
    for number in range(8):
        text = OWN.format(name=f"lamp-{number * 3:08d}", number=number + 20)
        with (folder / f"own-{number % 2}.yaml").open("a", encoding="utf-8") as file:
            file.write(text)
    with Session.open(_options(folder), creates_state=True) as session:
        assert settle(session) == DEVICES
    return folder


def _relabelled(rows: Rows, dice: random.Random) -> None:
    at = dice.randrange(len(rows))
    rows[at] = rows[at].rpartition(",")[0] + f",b{dice.randrange(6, 10):02d}"


def _other_identity(rows: Rows, dice: random.Random) -> None:
    at = next(n for n in range(dice.randrange(len(rows) // 2, len(rows)), -1, -1))
    rows[at] = rows[at].replace("8658", f"865{dice.randrange(10)}", 1)


def _taken_identity(rows: Rows, dice: random.Random) -> None:
    meters = [n for n, row in enumerate(rows) if row.startswith("meter-")]
    mine, other = dice.sample(meters, 2)
    mine_cells, other_cells = rows[mine].split(","), rows[other].split(",")
    mine_cells[2] = other_cells[2]
    rows[mine] = ",".join(mine_cells)


def _gone(rows: Rows, dice: random.Random) -> None:
    del rows[dice.randrange(len(rows))]


def _new(rows: Rows, dice: random.Random) -> None:
    at = dice.randrange(len(rows))
    name, platform, *rest = rows[at].split(",")
    fresh = [name + "-x", platform, *rest]
    fresh[2] = fresh[2] and f"1234{dice.randrange(10**11):011d}"
    fresh[4] = fresh[4] and fresh[0]
    rows.insert(at + 1, ",".join(fresh))


def _first(rows: Rows, dice: random.Random) -> None:
    rows.insert(0, rows[0].replace("lamp-00000000", f"lamp-0000000-{dice.randrange(9)}"))


def _moved(rows: Rows, dice: random.Random) -> None:
    rows.insert(dice.randrange(len(rows)), rows.pop(dice.randrange(len(rows))))


def _doubled(rows: Rows, dice: random.Random) -> None:
    at = dice.randrange(len(rows))
    rows.insert(at, rows[at])


EDITS: list[Callable[[Rows, random.Random], None]] = [
    *(_relabelled, _relabelled, _other_identity, _taken_identity, _gone, _new, _first, _moved, _doubled),
]


@pytest.mark.parametrize("seed", range(12))
def test_a_plan_by_what_is_kept_is_that_of_the_whole_fleet(
    folder: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Through edits of inventories, documents and profiles, and commits in between; with an inventory on disk, too, or compressed."""
    if seed % 2:
        monkeypatch.setattr(source, "LARGE_BYTES", 0)
    dice = random.Random(seed)
    inventory = folder / "inventory" / "devices.csv"
    header, *before = inventory.read_text(encoding="utf-8").splitlines()
    is_packed = seed % 4 == 2
    if seed % 5 > 2:
        dice.shuffle(before)
        inventory.write_text("\n".join([header, *before]) + "\n", encoding="utf-8")
    if seed % 3 == 0:
        held = "{devices: [lamp-00000009, onenet-prod/meter-00000040], selector: {matchLabels: {model: m3}}"
        text = HOLD + held + ", until: 2026-02-01, reason: test}\n"
        (folder / "hold.yaml").write_text(
            text if seed % 2 else text.replace("selector: {matchLabels: {model: m3}}, ", "")
        )
    inventory = _packed(folder) if is_packed else inventory
    if seed % 4 == 1:
        _based(folder, dice)
    _both(folder)
    for _ in range(4):
        rows = list(before)
        for edit in dice.sample(EDITS, dice.choice([0, 1, 1, 2])):
            edit(rows, dice)
        end = dice.choice(["\n", "\r\n"]) if dice.random() < 0.2 else "\n"
        content = (end.join([header, *rows]) + end).encode()
        inventory.write_bytes(gzip.compress(content, 1) if is_packed else content)
        if dice.random() < 0.5:
            _edit_manifests(folder, dice)
        if dice.random() < 0.4:
            _commit(folder, dice)
        _asked(folder, rows, dice)
        _both(folder)


def _asked(folder: Path, rows: Rows, dice: random.Random) -> None:
    """Plans of a few devices, by name or pattern; what is kept of the rest stays as it is."""
    name, platform, *_ = dice.choice(rows).split(",")
    words = [name, f"{platform}/{name}", f"{name[:-1]}?", "nobody-1", "nowhere/*", f"aliyun-prod/{name}"]
    words += [f"{platform[:3]}*{name[-2:]}", f"{platform}/{name[:-1]}[0-9]", f"{platform}/{name[:-2]}*", "*7"]
    labels = dice.choice([None, None, "class=meter", "batch in (b01,b07),model!=m1", "site,!firmware"])
    names = tuple(dice.sample(words, dice.randrange(0 if labels else 1, 3)))
    scope = scope_of(labels, names, (), (name,) if dice.random() < 0.1 else ())
    assert scope.asked is not None
    with Sqlite.open(folder / "state.db", is_read_only=True) as store:
        kept = store.settled_blocks(store._one("SELECT settled_under FROM meta")[0] or "")
    request = replace(REQUEST, scope=scope)
    whole, part = (_plan(folder, leaves_out=some, request=request) for some in (False, scope.asked))
    assert part == whole
    with Sqlite.open(folder / "state.db", is_read_only=True) as store:
        assert kept == store.settled_blocks(store._one("SELECT settled_under FROM meta")[0] or "")


ADDED: tuple[dict[str, str], ...] = (
    *({}, {}, {"batch": "b07"}, {"batch": ""}, {"model": "m1", "site": "lab"}, {"nowhere": "x"}),
    *({"nowhere": "", "note": "two words, 'quoted'\n"}, {"class": "meter"}),  # a lamp that is a meter is an error
)
WORDS = (
    *("batch=b07", "batch!=b07", "batch=", "class=meter", "class=lamp,model!=m1", "model in (m1,m3)", "site=lab"),
    *("nowhere", "!nowhere", "nowhere=x", "note", "batch,!note", "class notin (meter),nowhere notin (x)"),
)


@pytest.mark.parametrize("seed", range(10))
def test_devices_are_asked_for_by_labels_that_documents_add(folder: Path, seed: int) -> None:
    """By `-l` and by the selector of a hold; over labels of rows, beside them, and where neither says any."""
    dice = random.Random(seed)
    _add_labels(folder, dice, ADDED[:-1])
    _blank(folder / "inventory" / "devices.csv", "firmware", dice)
    with Session.open(_options(folder)) as session:
        assert settle(session) == DEVICES
    for _ in range(3):
        _both(folder)
    for word in ("!firmware", *dice.sample(WORDS, 4)):
        scope = scope_of(word, (), (), ())
        assert scope.asked is not None
        request = replace(REQUEST, scope=scope)
        whole, part = (_plan(folder, leaves_out=some, request=request) for some in (False, scope.asked))
        assert part == whole
        if dice.random() < 0.5:
            selector = dice.choice([*SELECTORS, {"matchLabels": {"site": "lab"}}])
            written = yaml.safe_dump({"selector": selector, "until": "2026-02-01", "reason": "test"})
            (folder / "hold.yaml").write_text(f"{HOLD}\n{written}".replace("\n", "\n  "), encoding="utf-8")
            _edit_manifests(folder, dice)
        if dice.random() < 0.3:
            _add_labels(folder, dice, ADDED)
        _both(folder)
        _both(folder)


def _add_labels(folder: Path, dice: random.Random, added: Sequence[dict[str, str]]) -> None:
    """Gives labels to documents of devices, or takes them away."""
    for path in (folder / "own-0.yaml", folder / "own-1.yaml"):
        documents = [one for one in yaml.safe_load_all(path.read_text(encoding="utf-8")) if one]
        for one in documents:
            one["metadata"]["labels"] = dice.choice(added)
        path.write_text(yaml.safe_dump_all(documents), encoding="utf-8")


def _blank(inventory: Path, label: str, dice: random.Random) -> None:
    """Leaves the cell of a label empty in some rows."""
    header, *rows = (line.split(",") for line in inventory.read_text(encoding="utf-8").splitlines())
    for row in rows:
        if dice.random() < 0.3:
            row[header.index(label)] = ""
    inventory.write_text("\n".join(map(",".join, [header, *rows])) + "\n", encoding="utf-8")


@pytest.mark.parametrize("by_hold", [True, False])
def test_only_documents_of_devices_that_labels_name_are_opened(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, by_hold: bool
) -> None:
    """Those whose rows say the labels, and those that say them in place of their rows; not those that say others."""
    path = folder / "own-0.yaml"
    documents = [one for one in yaml.safe_load_all(path.read_text(encoding="utf-8")) if one]
    documents[0]["metadata"]["labels"] = {"model": "m99"}
    path.write_text(yaml.safe_dump_all(documents), encoding="utf-8")
    inventory = folder / "inventory" / "devices.csv"
    rows = inventory.read_text(encoding="utf-8").splitlines()
    named = {documents[0]["metadata"]["name"], "lamp-00000009"}
    for at, row in enumerate(rows):
        cells = row.split(",")
        if cells[0] in {"lamp-00000009", "lamp-00000007"}:  # the second has no document
            cells[rows[0].split(",").index("model")] = "m99"
        rows[at] = ",".join(cells)
    inventory.write_text("\n".join(rows) + "\n", encoding="utf-8")
    if by_hold:
        selector = "{matchLabels: {model: m99}}"
        (folder / "hold.yaml").write_text(f"{HOLD}{{selector: {selector}, until: 2026-02-01, reason: test}}\n")
    with Session.open(_options(folder)) as session:
        assert settle(session) == DEVICES
    for _ in range(3):
        _both(folder)
    opened: list[set[str]] = []
    asked: list[tuple[str, str]] = []
    open_of, seen = sealed_files.SealedFiles._opened, ScreenedFleet.heads_at
    monkeypatch.setattr(
        sealed_files.SealedFiles, "_opened", lambda self, names: opened.append(set(names)) or open_of(self, names)
    )
    if not by_hold:  # the rows of its own blocks are read beside all of their records
        monkeypatch.setattr(ScreenedFleet, "head_rows", lambda *_: pytest.fail("records are read"))
        monkeypatch.setattr(ScreenedFleet, "heads_at", lambda self, keys: asked.extend(keys) or seen(self, keys))
    scope = scope_of(None if by_hold else "model=m99", (), (), ())
    with Session.open(_options(folder), leaves_out_settled=scope.asked or True) as session:
        left = {one.device.ref.name for one in session.fleet.devices}
        assert session.fleet.left_out == DEVICES - len(named) - 1
    assert left == named | {"lamp-00000007"}
    assert by_hold or {name for _, name in asked} == left
    assert opened == [named]


def _shuffle(inventory: Path) -> None:
    header, *rows = inventory.read_text(encoding="utf-8").splitlines()
    random.Random(1).shuffle(rows)
    inventory.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def _packed(folder: Path) -> Path:
    """The inventory compressed, and the fleet that names it."""
    plain, fleet = folder / "inventory" / "devices.csv", folder / "fleet.yaml"
    fleet.write_text(fleet.read_text(encoding="utf-8").replace("devices.csv", "devices.csv.gz"), encoding="utf-8")
    packed = plain.with_name("devices.csv.gz")
    packed.write_bytes(gzip.compress(plain.read_bytes(), 1))
    plain.unlink()
    return packed


@pytest.mark.parametrize("is_packed", [True, False])
@pytest.mark.parametrize("is_sorted", [True, False])
def test_an_inventory_is_known_by_its_blocks(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, is_packed: bool, is_sorted: bool
) -> None:
    """Compressed, too, and in whatever order its rows come."""
    asked: list[object] = []
    if not is_sorted:
        _shuffle(folder / "inventory" / "devices.csv")
    if is_packed:
        _packed(folder)
    for _ in range(3):
        _both(folder)
    monkeypatch.setattr(ScreenedFleet, "head_rows", lambda *_: asked.append(1) or iter(()))
    _both(folder)
    assert asked == []


def test_of_names_that_begin_alike_the_blocks_around_them_are_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the platform or without; where a pattern begins with anything, all are."""
    for _ in range(3):
        _both(folder)
    asked: list[tuple[tuple[str, str], ...]] = []
    rows_of = ScreenedFleet.head_rows
    monkeypatch.setattr(ScreenedFleet, "head_rows", lambda self, *keys: asked.append(keys) or rows_of(self, *keys))
    beyond = ("aliyun-prod", "lamp-00000023")
    near, far = ("lamp-0000001[45]", "aliyun-prod/lamp-0000001[45]"), ("*lamp-0000001[45]", "ali*lamp-0000001[45]")
    for pattern, is_near in (*((one, True) for one in near), *((one, False) for one in far)):
        asked.clear()
        with Session.open(_options(folder), leaves_out_settled=Asked([pattern])) as session:
            named = [one.device.ref.name for one in session.fleet.devices if one.device.ref.name.startswith("lamp")]
        assert named == ["lamp-00000014", "lamp-00000015"]
        ends = [(*keys, None, None)[:2] for keys in asked]
        assert is_near != any(
            (first is None or first <= beyond) and (until is None or beyond < until) for first, until in ends
        )


def test_a_device_before_the_first_leaves_the_records_of_the_rest_where_they_are(folder: Path) -> None:
    """What stands before it all begins at the lowest, and the block that did begins with its own first device."""
    inventory = folder / "inventory" / "devices.csv"
    header, *before = inventory.read_text(encoding="utf-8").splitlines()
    for rows in (before, [before[0].replace("lamp-00000000", "lamp-0000000-7"), *before], before):
        inventory.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        for _ in range(3):
            _both(folder)


def test_what_did_not_change_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither records nor documents; one row that changed brings in those of its block alone."""
    asked: list[object] = []
    opened: list[int] = []
    rows_of, open_of = ScreenedFleet.head_rows, sealed_files.SealedFiles._opened

    def rows(self: ScreenedFleet, *key: tuple[str, str]) -> object:
        asked.append(key)
        return rows_of(self, *key)

    def documents(self: sealed_files.SealedFiles, names: set[str] | None) -> object:
        opened.append(-1 if names is None else len(names))
        return open_of(self, names)

    monkeypatch.setattr(ScreenedFleet, "head_rows", rows)
    monkeypatch.setattr(sealed_files.SealedFiles, "_opened", documents)
    for _ in range(3):
        _both(folder)
    asked.clear()
    opened.clear()
    _both(folder)
    assert (asked, opened) == ([], [0])
    inventory = folder / "inventory" / "devices.csv"
    inventory.write_text(inventory.read_text(encoding="utf-8").replace(",b41", ",b42"), encoding="utf-8")
    _both(folder)
    assert len(asked) == 1
    assert asked[0] != ()


@pytest.mark.parametrize("asks_for_a_text", [True, False])
def test_of_a_profile_that_sets_something_else_the_rows_it_covers_are_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, asks_for_a_text: bool
) -> None:
    """Each by itself, and no document but theirs; what is kept stays, and back where it was all is known again."""
    path, asked, opened = folder / "profiles.yaml", list[object](), list[object]()
    documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    name = "lamps-batch" if asks_for_a_text else "lamps-model-1"
    profile = next(one for one in documents if one["metadata"]["name"] == name)
    if not asks_for_a_text:
        others = [
            {"key": "class", "values": ["meter"]},
            {"key": "model", "values": [f"m{n}" for n in range(8) if n != 1]},
        ]
        profile["spec"]["selector"] = {"matchExpressions": [{**one, "operator": "NotIn"} for one in others]}
    (folder / "label.yaml").write_text(
        OWN.format(name="lamp-00000013", number=4).replace("}\nspec", ", labels: {batch: b07, model: m1}}\nspec", 1),
        encoding="utf-8",
    )
    path.write_text(yaml.safe_dump_all(documents), encoding="utf-8")
    with Session.open(_options(folder)) as session:
        assert settle(session) == DEVICES
    for _ in range(3):
        _both(folder)
    before, seen = path.read_text(encoding="utf-8"), ScreenedFleet.heads_at
    open_of = sealed_files.SealedFiles._opened
    monkeypatch.setattr(ScreenedFleet, "head_rows", lambda *_: pytest.fail("records are read"))
    monkeypatch.setattr(ScreenedFleet, "heads_at", lambda self, keys: asked.extend(keys) or seen(self, keys))
    monkeypatch.setattr(
        sealed_files.SealedFiles, "_opened", lambda self, names: opened.append(names) or open_of(self, names)
    )
    for text in (before.replace("\n", "\n# a remark\n"), before):
        path.write_text(text, encoding="utf-8")
        _both(folder)
        assert asked == []
    for value in (4, 6):
        profile["spec"]["properties"]["RampSeconds"] = value
        path.write_text(yaml.safe_dump_all(documents), encoding="utf-8")
        opened.clear()
        _both(folder)
        with Session.open(_options(folder)) as session:
            selector = read_selector(profile["spec"]["selector"])
            covered = [one.device.ref for one in session.devices() if selector.matches(one.device.labels)]
        assert asked == [(ref.platform, ref.name) for ref in covered]
        assert DeviceRef("aliyun-prod", "lamp-00000013") in covered
        assert set().union(*filter(None, opened)) <= {ref.name for ref in covered}
        asked.clear()
    path.write_text(before, encoding="utf-8")
    _both(folder)
    assert asked == []


def _both(folder: Path) -> None:
    whole, part = _plan(folder, leaves_out=False), _plan(folder, leaves_out=True)
    assert part == whole


def _edit_manifests(folder: Path, dice: random.Random) -> None:
    """What a profile sets, most of the time; or whom it covers, or before which others; or a document of a device."""
    path = folder / dice.choice(["own-0.yaml", "own-1.yaml", *["profiles.yaml"] * 5])
    documents = [one for one in yaml.safe_load_all(path.read_text(encoding="utf-8")) if one]
    for one in dice.sample(documents, dice.choice([1, 1, 2])):
        spec, deed = one["spec"], dice.randrange(10)
        if deed == 0 and one["kind"] == "Profile":
            spec["priority"] = dice.choice([5, 55, 95])
        elif deed == 1 and one["kind"] == "Profile":
            spec["selector"] = dice.choice(SELECTORS)
        elif deed < 3 and one["kind"] == "Device":
            one["metadata"]["labels"] = dice.choice([{}, {"batch": "b07"}, {"class": "meter"}, {"model": "m1"}])
        elif "resources" in spec:
            spec["resources"][dice.choice(["/3308/0/5900", "/3338/0/5521"])] = float(dice.randrange(5, 9))
        else:
            spec["properties"][dice.choice(["Brightness", "RampSeconds"])] = dice.randrange(5, 9)
    path.write_text(yaml.safe_dump_all(documents), encoding="utf-8")


def _commit(folder: Path, dice: random.Random) -> None:
    """Something of a device is on its way, or arrived; or its record is gone, or that of another device."""
    with Sqlite.open(folder / "state.db") as store:
        refs = [head.ref for head in store.heads()]
        (kept,) = store.devices([dice.choice(refs)])
        path, one = dice.choice(sorted(kept.resources.items()))
        open_one = replace(one, delivery=DeliveryState.QUEUED, command_uuid="u-1")
        deed = dice.randrange(4)
        if deed == 0:
            store.commit(Commit(forgotten=[kept.ref]), fences={})
        elif deed == 1:
            store.commit(Commit(devices=[replace(kept, digest="0" * 32)]), fences={})
        else:
            store.commit(Commit(devices=[replace(kept, resources={**kept.resources, path: open_one})]), fences={})
        if deed == 3:
            store.commit(Commit(devices=[kept]), fences={})


def _plan(folder: Path, *, leaves_out: bool | Asked, request: Request = REQUEST) -> object:
    try:
        with Session.open(_options(folder), leaves_out_settled=leaves_out) as session:
            planned = plan_now(session, request)
            return planned.plan, tuple(session.fleet.diagnostics)
    except InputRejectedError as exc:
        return tuple(exc.diagnostics)


def _based(folder: Path, dice: random.Random) -> None:
    """From here on plans are judged by a base: the same accounts, most of the time, and no policies."""
    base = folder.parent / "base"
    shutil.copytree(folder, base)
    fleet = base / "fleet.yaml"
    text = fleet.read_text(encoding="utf-8")
    fleet.write_text(text.replace("cn-shanghai", dice.choice(["cn-shanghai", "cn-beijing"])), encoding="utf-8")


def _options(folder: Path) -> Options:
    base = folder.parent / "base"
    based = str(base) if base.exists() else None
    environ = {**KEYS, "XDG_CACHE_HOME": str(folder.parent / "cache")}
    return Options(folder, f"sqlite:///{folder / 'state.db'}", {}, environ, lambda: AT, based)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux alone")
def test_the_second_half_of_an_inventory_is_screened_beside_the_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each half asks for its own records; without the other process the plan is the same."""
    asked: list[object] = []
    rows_of = ScreenedFleet.head_rows

    def rows(self: ScreenedFleet, *key: tuple[str, str]) -> object:
        asked.append(key)
        return rows_of(self, *key)

    monkeypatch.setattr(ScreenedFleet, "head_rows", rows)
    _both(folder)
    assert [len(key) for key in asked] == [0, 2]  # the first half ends where the second begins
    with Sqlite.open(folder / "state.db") as store:
        store.commit(Commit(), fences={})
    monkeypatch.setattr(beside.Beside, "result", lambda _: None)  # it failed
    _both(folder)
