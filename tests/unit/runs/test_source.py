"""A folder of manifests: what is read, what is refused unopened, and that nothing leads out of it."""

import os
import shutil
import subprocess
import tempfile
import tracemalloc
from pathlib import Path

import pytest

from reconcile.model.diagnostic import Span
from reconcile.ports import NamedBytes, Problem
from reconcile.runs import source as source_module
from reconcile.runs.source import FolderSource

LIMIT = 1 << 20


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "manifests with spaces"
    folder.mkdir()
    return folder


def write(folder, name, content=b"a: 1\n"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def problems(folder):
    return [(d.code, d.span.file) for d in FolderSource(folder).manifests()[1]]


def test_yaml_files_of_all_folders_are_read_in_order_of_their_paths(folder):
    for name in ("b.yaml", "a/z.yml", "a/b/c.yaml", "a.txt", "inventory/m.csv", "a-b.yaml"):
        write(folder, name, name.encode())
    files, diagnostics = FolderSource(folder).manifests()
    assert list(files) == [NamedBytes(n, n.encode()) for n in ("a-b.yaml", "a/b/c.yaml", "a/z.yml", "b.yaml")]
    assert list(diagnostics) == []


def test_hidden_files_and_folders_are_passed_over(folder):
    for name in (".git/x.yaml", ".reconcile/x.yaml", ".x.yaml", "a/.b/x.yaml"):
        write(folder, name)
    assert FolderSource(folder).manifests() == ([], ())


def test_names_in_chinese_and_with_spaces_are_names(folder):
    write(folder, "水表/城 东.yaml")
    assert [file.name for file in FolderSource(folder).manifests()[0]] == ["水表/城 东.yaml"]


def test_a_missing_folder_and_a_file_in_its_place_are_told(folder):
    file = write(folder, "f.yaml")
    for wrong in (folder / "nothing", file):
        files, (diagnostic,) = FolderSource(wrong).manifests()
        assert (list(files), diagnostic.code) == ([], "RCL106")


def test_the_folder_itself_may_be_a_link(folder, tmp_path):
    write(folder, "f.yaml")
    (tmp_path / "link").symlink_to(folder)
    assert [file.name for file in FolderSource(tmp_path / "link").manifests()[0]] == ["f.yaml"]


def test_links_are_refused_wherever_they_lead(folder, tmp_path):
    write(folder, "real.yaml")
    write(tmp_path, "outside/o.yaml")
    (folder / "inside.yaml").symlink_to(folder / "real.yaml")
    (folder / "outside.yaml").symlink_to(tmp_path / "outside/o.yaml")
    (folder / "broken.yaml").symlink_to(tmp_path / "nothing")
    (folder / "self.yaml").symlink_to(folder / "self.yaml")
    (folder / "dir").symlink_to(tmp_path / "outside")
    (folder / "up").symlink_to(folder)
    (folder / "notes.txt").symlink_to(folder / "real.yaml")
    names = ["broken.yaml", "dir", "inside.yaml", "outside.yaml", "self.yaml", "up"]
    assert problems(folder) == [("RCL106", name) for name in names]
    assert [file.name for file in FolderSource(folder).manifests()[0]] == ["real.yaml"]


def test_special_files_are_never_opened(folder):
    os.mkfifo(folder / "pipe.yaml")
    (folder / "folder.yaml").mkdir()
    assert problems(folder) == [("RCL106", "folder.yaml"), ("RCL106", "pipe.yaml")]


def test_a_pipe_is_refused_by_read_too(folder):
    os.mkfifo(folder / "pipe.csv")
    found = FolderSource(folder).read("pipe.csv", LIMIT)
    assert isinstance(found, Problem)
    assert "pipe" in found.detail


def test_a_large_file_is_refused_by_its_size(folder):
    with (folder / "large.yaml").open("wb") as file:
        file.truncate(2 << 30)
    assert problems(folder) == [("RCL105", "large.yaml")]
    found = FolderSource(folder).read("large.yaml", 10)
    assert isinstance(found, Problem)
    assert found.code == "RCL105"


def test_a_file_of_exactly_the_limit_is_read(folder):
    write(folder, "f.csv", b"x" * 10)
    source = FolderSource(folder)
    assert source.read("f.csv", 10) == NamedBytes("f.csv", b"x" * 10)
    assert isinstance(source.read("f.csv", 9), Problem)


@pytest.fixture
def as_nobody():
    """Root may read everything, so root becomes nobody for the length of a test."""
    is_root = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)

        def drop():
            if is_root:
                os.seteuid(65534)
            return Path(folder)

        yield Path(folder), drop
        if is_root:
            os.seteuid(0)


def test_what_may_not_be_read_is_told(as_nobody):
    folder, drop = as_nobody
    write(folder, "f.yaml").chmod(0)
    write(folder, "g.yaml")
    (folder / "closed").mkdir(mode=0)
    drop()
    files, diagnostics = FolderSource(folder).manifests()
    assert [file.name for file in files] == ["g.yaml"]
    assert [(d.code, d.span.file) for d in diagnostics] == [("RCL106", "closed"), ("RCL106", "f.yaml")]
    assert "permi" in diagnostics[0].detail


def test_the_number_of_files_is_limited(folder, monkeypatch):
    monkeypatch.setattr(source_module, "MAX_FILES", 3)
    for number in range(3):
        write(folder, f"{number}.yaml")
    assert problems(folder) == []
    write(folder, "3.yaml")
    assert problems(folder) == [("RCL105", "")]


def test_the_size_of_all_files_is_limited(folder, monkeypatch):
    monkeypatch.setattr(source_module, "MAX_TOTAL_BYTES", 8)
    write(folder, "a.yaml")
    write(folder, "b.yaml")
    assert problems(folder) == [("RCL105", "")]


@pytest.mark.parametrize("path", ["../x", "/etc/hostname", "a/../../x", "..", "a\\..\\x", "C:/x", "a/../f.csv"])
def test_paths_that_lead_out_are_refused(folder, path):
    write(folder, "f.csv")
    source = FolderSource(folder)
    found = source.read(path, LIMIT)
    assert isinstance(found, Problem)
    assert found.code == "RCL106"
    assert [d.code for d in source.read_folder(path, LIMIT)[1]] == ["RCL106"]


@pytest.mark.parametrize("path", ["nothing.csv", "nothing/f.csv", "f.csv/g", "", ".", "a\0b", "x" * 5000])
def test_what_is_not_a_file_is_a_problem(folder, path):
    write(folder, "f.csv")
    assert isinstance(FolderSource(folder).read(path, LIMIT), Problem)


def test_reading_through_a_link_is_refused(folder, tmp_path):
    write(tmp_path, "outside/f.csv")
    (folder / "dir").symlink_to(tmp_path / "outside")
    (folder / "f.csv").symlink_to(tmp_path / "outside/f.csv")
    source = FolderSource(folder)
    assert isinstance(source.read("dir/f.csv", LIMIT), Problem)
    assert isinstance(source.read("f.csv", LIMIT), Problem)
    assert [d.code for d in source.read_folder("dir", LIMIT)[1]] == ["RCL106"]


def test_names_are_made_plain(folder):
    write(folder, "a/f.csv")
    assert FolderSource(folder).read("./a//f.csv", LIMIT) == NamedBytes("a/f.csv", b"a: 1\n")


def test_a_folder_of_models_is_read_whatever_the_endings(folder):
    for name in ("models/b.xml", "models/a/t.json", "models/.x", "other.xml"):
        write(folder, name)
    files, diagnostics = FolderSource(folder).read_folder("models/", LIMIT)
    assert [file.name for file in files] == ["models/a/t.json", "models/b.xml"]
    assert list(diagnostics) == []


def test_a_model_that_is_too_large_or_a_link_is_told_and_the_rest_is_read(folder):
    write(folder, "models/b.xml")
    write(folder, "models/large.xml", b"x" * 11)
    (folder / "models/link.xml").symlink_to(folder / "models/b.xml")
    files, diagnostics = FolderSource(folder).read_folder("models", 10)
    assert [file.name for file in files] == ["models/b.xml"]
    assert [(d.code, d.span) for d in diagnostics] == [
        ("RCL105", Span("models/large.xml")),
        ("RCL106", Span("models/link.xml")),
    ]


def test_a_missing_folder_of_models_is_told(folder):
    files, (diagnostic,) = FolderSource(folder).read_folder("models", LIMIT)
    assert (list(files), diagnostic.code, diagnostic.span.file) == ([], "RCL106", "models")


def git(folder, *arguments):
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_the_commit_is_known_when_the_folder_is_clean(folder, tmp_path):
    source = FolderSource(folder)
    write(folder, "f.yaml")
    assert source.commit() is None
    git(tmp_path, "init", "-q")
    assert source.commit() is None
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    commit = source.commit()
    assert commit is not None
    assert len(commit) == 40
    write(tmp_path, "elsewhere.txt")
    assert source.commit() == commit
    write(folder, "f.yaml", b"a: 2\n")
    assert source.commit() is None
    write(folder, "f.yaml")
    assert source.commit() == commit
    write(folder, "new.yaml")
    assert source.commit() is None


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_git_runs_no_program_that_the_repository_names(folder, tmp_path):
    git(tmp_path, "init", "-q")
    write(folder, "f.yaml")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch '{tmp_path}/sprung'\n")
    trap.chmod(0o755)
    git(tmp_path, "config", "core.fsmonitor", str(trap))
    assert FolderSource(folder).commit() is not None
    assert not (tmp_path / "sprung").exists()


def test_a_git_that_fails_is_no_commit(folder, monkeypatch):
    (folder / ".git").write_text("gitdir: /nowhere\n")
    assert FolderSource(folder).commit() is None
    monkeypatch.setenv("PATH", "")
    assert FolderSource(folder).commit() is None


def test_a_file_of_nuls_is_refused_by_its_first_bytes(folder):
    """A disk image under the name of an inventory costs neither time nor memory."""
    with write(folder, "m.csv").open("r+b") as file:
        file.truncate(500 << 20)
    tracemalloc.start()
    found = FolderSource(folder).read("m.csv", 512 << 20)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(found, Problem)
    assert (found.code, "NUL" in found.detail) == ("RCL102", True)
    assert peak_bytes < 4 << 20
