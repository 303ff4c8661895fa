"""A verdict is known again while everything it was found from is the same, byte by byte."""

from datetime import UTC, datetime

import pytest

from benchmarks import manifest_files
from reconcile.runs import kept_verdict
from reconcile.runs.kept_verdict import KeptVerdicts, Verdict
from reconcile.runs.load import load
from reconcile.runs.source import FolderSource

NOW = datetime(2026, 1, 2, tzinfo=UTC)
HOLD = """apiVersion: reconcile/v1
kind: Hold
metadata: {name: pause}
spec: {devices: [], until: 2026-02-01, reason: test}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(kept_verdict, "WORTHWHILE_FILES", 1)
    manifest_files.write(tmp_path / "fleet", 30)
    return tmp_path / "fleet"


def known(folder):
    return KeptVerdicts(folder.parent / "valid.json", FolderSource(folder)).known()


def keep(folder):
    source = FolderSource(folder)
    fleet = load(source, now=NOW)
    verdict = Verdict.of(fleet)
    assert verdict.diagnostics  # profiles that match nothing: warnings are told again, word by word
    KeptVerdicts(folder.parent / "valid.json", source).keep(fleet, verdict)
    return verdict


def files_of(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_the_verdict_is_known_again_until_any_file_changes(folder):
    assert known(folder) is None
    verdict = keep(folder)
    assert known(folder) == verdict
    for path in [files_of(folder)[0], *(path for path in files_of(folder) if path.parent.name != "devices")]:
        before = path.read_bytes()
        path.write_bytes(before + b"\n")
        assert known(folder) is None, path
        path.write_bytes(before)
        assert known(folder) == verdict


def test_a_file_more_or_less_is_another_folder(folder):
    keep(folder)
    (folder / "more.yaml").write_text("", encoding="utf-8")
    assert known(folder) is None


def test_nothing_is_kept_of_what_depends_on_a_day(folder):
    (folder / "hold.yaml").write_text(HOLD, encoding="utf-8")
    source = FolderSource(folder)
    fleet = load(source, now=NOW)
    KeptVerdicts(folder.parent / "valid.json", source).keep(fleet, Verdict.of(fleet))
    assert known(folder) is None
