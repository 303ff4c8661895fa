"""A verdict is known again while everything it was found from is the same, byte by byte."""

from datetime import UTC, datetime
from functools import reduce

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
spec: {devices: [onenet-prod/meter-00000], until: 2026-02-01, reason: test}
"""
POLICY = """apiVersion: reconcile/v1
kind: Policy
metadata: {name: guards}
spec: {rules: [{name: ours, imeiPrefixes: ["8"]}]}
"""
ALLOWANCE = """apiVersion: reconcile/v1
kind: Profile
metadata: {name: allowed}
spec:
  selector: {matchLabels: {site: nowhere}}
  safety: {allow: [{resource: /3303/0/5603, reason: test, until: 2026-02-01}]}
"""
WORDS = ("Hold", "Policy", "allow:", "until:")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(kept_verdict, "WORTHWHILE_FILES", 1)
    manifest_files.write(tmp_path / "fleet", 30)
    return tmp_path / "fleet"


def escaped(word):
    """The word as YAML may spell it too."""
    name, colon, _ = word.partition(":")
    return f'"\\x{ord(name[0]):02x}{name[1:]}"{colon}'


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


@pytest.mark.parametrize("text", [HOLD, POLICY, ALLOWANCE], ids=["hold", "policy", "allowance"])
def test_nothing_is_kept_of_what_depends_on_a_day(folder, text):
    spelled = reduce(lambda now, word: now.replace(word, escaped(word)), WORDS, text)
    assert spelled != text  # YAML says the same word in many ways
    for content in (text, spelled):
        (folder / "dated.yaml").write_text(content, encoding="utf-8")
        source = FolderSource(folder)
        fleet = load(source, now=NOW)
        assert [one.code for one in fleet.diagnostics if one.is_error] == []
        KeptVerdicts(folder.parent / "valid.json", source).keep(fleet, Verdict.of(fleet))
        assert known(folder) is None
