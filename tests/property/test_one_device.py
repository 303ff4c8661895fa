"""What is shown of one device is the same whether the whole fleet was compiled for it or its own rows alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.scale_fleet import write
from benchmarks.servers import KEYS
from benchmarks.settled import settle
from reconcile.cli.root import run
from reconcile.manifest import compile as compiling
from reconcile.manifest.cut_file import Stencils
from reconcile.manifest.settled.screened import NotScreenedError
from reconcile.runs import sealed_files
from reconcile.runs.session import Options, Session

DEVICES = 24
OWN = """apiVersion: reconcile/v1
kind: Device
metadata: {name: lamp-00000003}
spec: {platform: aliyun-prod, properties: {Brightness: 42}}
"""
HOLD = """apiVersion: reconcile/v1
kind: Hold
metadata: {name: pause}
spec: {devices: [onenet-prod/meter-00000020], until: 2099-02-01, reason: test}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settled fleet; one device has a document of its own in a sealed file, and two rows share a name."""
    monkeypatch.setattr(sealed_files, "WORTHWHILE_DOCUMENTS", 1)
    for name, key in {**KEYS, "XDG_CACHE_HOME": str(tmp_path / "cache")}.items():
        monkeypatch.setenv(name, key)
    folder = tmp_path / "fleet"
    write(folder, DEVICES)
    (folder / "own.yaml").write_text(OWN, encoding="utf-8")
    inventory = folder / "inventory" / "devices.csv"
    text = inventory.read_text(encoding="utf-8")
    twin = next(line for line in text.splitlines() if line.startswith("meter-00000021")).replace("8658", "8659")
    inventory.write_text(text + twin.replace("meter-00000021", "lamp-00000005") + "\n", encoding="utf-8")
    with Session.open(Options(folder, _state(folder), {}, dict(KEYS)), creates_state=True) as session:
        assert settle(session) == DEVICES + 1
    assert run(["--manifests", str(folder), "--state", _state(folder), "plan", "--refresh", "none"]) == 0
    return folder


@pytest.mark.parametrize("has_hold", [False, True])
def test_one_device_is_shown_as_ever(
    folder: Path, has_hold: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Settled or changed, with a document of its own, on two platforms, unknown; and where a hold speaks of another."""
    if has_hold:
        (folder / "hold.yaml").write_text(HOLD, encoding="utf-8")
    inventory = folder / "inventory" / "devices.csv"
    inventory.write_text(inventory.read_text(encoding="utf-8").replace(",b22\n", ",b07\n"), encoding="utf-8")
    names = ["lamp-00000001", "lamp-00000003", "aliyun-prod/lamp-00000005", "lamp-00000005", "meter-00000022"]
    words = [(word, name) for name in [*names, "lamp-0000000", "nobody"] for word in ("explain", "status", "show")]
    picked: list[bool] = []
    pick = compiling.pick

    def watched(*args: object) -> object:
        found = pick(*args)  # type: ignore[arg-type]
        picked.append(True)
        return found

    def never(*_: object) -> object:
        raise NotScreenedError

    monkeypatch.setattr(compiling, "pick", watched)
    part = [_said(folder, word, name, capsys) for word, name in words]
    monkeypatch.setattr(compiling, "pick", never)
    whole = [_said(folder, word, name, capsys) for word, name in words]
    for asked, one, other in zip(words, part, whole, strict=True):
        assert one == other, asked
    assert len(picked) == (0 if has_hold else len(names) * 3 + 2)  # unknown ones are looked for everywhere


def test_files_that_a_plan_knows_are_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the second plan on; of one that is edited afterwards the new words count, and no other file is read."""
    read: list[str] = []
    really = Stencils.read
    monkeypatch.setattr(Stencils, "read", lambda self, file: read.append(file.name) or really(self, file))
    plan = ["--manifests", str(folder), "--state", _state(folder), "plan", "--refresh", "none"]
    assert run(plan) == 0
    assert "profiles.yaml" in read
    assert "own.yaml" not in read  # sealed
    read.clear()
    assert run(plan) == 0
    capsys.readouterr()
    before = _said(folder, "explain", "lamp-00000001", capsys)
    assert read == []
    path = folder / "profiles.yaml"
    path.write_text("# one line more\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    after = _said(folder, "explain", "lamp-00000001", capsys)
    assert set(read) == {"profiles.yaml"}
    assert after != before
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "nothing-kept"))
    assert _said(folder, "explain", "lamp-00000001", capsys) == after


def test_what_is_shown_once_is_shown_again_without_reading_the_rest(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nobody planned; and a plan afterwards says what it says where nothing was shown before."""
    plan = ["--manifests", str(folder), "--state", _state(folder), "plan", "--refresh", "none"]
    (folder / "own.yaml").write_text(OWN + "---\n" + OWN.replace("03}", "04}").replace("42", "43"), encoding="utf-8")
    capsys.readouterr()
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "planned"))
    planned = run(plan), _timeless(capsys.readouterr().out)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "shown"))
    first = _said(folder, "explain", "lamp-00000001", capsys)
    read: list[str] = []
    really = Stencils.read
    monkeypatch.setattr(Stencils, "read", lambda self, file: read.append(file.name) or really(self, file))
    assert _said(folder, "explain", "lamp-00000001", capsys) == first
    assert read
    assert "own.yaml" not in read
    assert (run(plan), _timeless(capsys.readouterr().out)) == planned


def _timeless(said: str) -> list[str]:
    """Without the second in which it was said."""
    return [line for line in said.splitlines() if not line.endswith("UTC")]


def _said(folder: Path, word: str, name: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    words = ["state", "show"] if word == "show" else [word]
    code = run(["--manifests", str(folder), "--state", _state(folder), *words, name])
    said = capsys.readouterr()
    # Warnings about profiles that match nothing are about the whole fleet, and not told here.
    return code, [said.out, *(line for line in said.err.splitlines() if "RCL43" in line)]


def _state(folder: Path) -> str:
    return f"sqlite:///{folder / 'state.db'}"
