"""Large files of a commit go to disk without being held, and are the same there."""

import subprocess
from pathlib import Path

import pytest

from reconcile.ports import NamedBytes
from reconcile.runs import commit_source
from reconcile.runs.commit_source import at_commit, resolve
from reconcile.runs.git import Git, GitError


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    folder = tmp_path / "fleet"
    (folder / "inventory").mkdir(parents=True)
    (folder / "fleet.yaml").write_bytes(b"a: 1\n")
    (folder / "inventory" / "devices.csv").write_bytes(b"name\r\nlamp\xc3\xa9\n" * 50)
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "one"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


@pytest.mark.parametrize("large", [10, 1 << 20])
def test_a_commit_is_laid_out_byte_by_byte(fleet, monkeypatch, large) -> None:
    monkeypatch.setattr(commit_source, "LARGE_BYTES", large)
    written = (fleet / "inventory" / "devices.csv").read_bytes()
    (fleet / "inventory" / "devices.csv").write_bytes(b"name\n")

    with at_commit(fleet, resolve(fleet, "HEAD")) as source:
        assert source.read("inventory/devices.csv", 1000) == NamedBytes("inventory/devices.csv", written)
        assert [file.content for file in source.manifests()[0]] == [b"a: 1\n"]


def test_a_commit_beyond_the_limit_is_not_laid_out(fleet, monkeypatch) -> None:
    monkeypatch.setattr(commit_source, "MOST_BYTES", 500)
    with pytest.raises(GitError, match="more below fleet than"), at_commit(fleet, resolve(fleet, "HEAD")):
        pass


def test_what_git_lacks_is_told(fleet, tmp_path) -> None:
    with (tmp_path / "f").open("wb") as file, pytest.raises(GitError, match="cat-file failed"):
        Git(fleet).write(file, "cat-file", "blob", "0" * 40)
