"""A file on disk answers as its bytes would, and says when it is no longer the file that was opened."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile.manifest.settled.cells import line_before
from reconcile.ports import NamedBytes, Problem
from reconcile.runs import large_file
from reconcile.runs.content_digest import content_digest
from reconcile.runs.large_file import ChangedMeanwhileError, LargeFile
from reconcile.runs.source import LARGE_BYTES, FolderSource, LargeInventory

ANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def opened(path: Path, content: bytes) -> LargeFile:
    path.write_bytes(content)
    return LargeFile("devices.csv", os.open(path, os.O_RDONLY))


@ANY
@given(
    content=st.lists(st.sampled_from([b"a", b"ab", b"\n", b"lamp-1", b"x" * 4100]), max_size=12).map(b"".join),
    wanted=st.sampled_from([b"\n", b"ab", b"\nlamp-1\n", b"lamp-1"]),
    start=st.integers(0, 9000),
    end=st.none() | st.integers(0, 20000),
)
def test_it_answers_as_bytes_do(tmp_path, monkeypatch, content, wanted, start, end) -> None:
    monkeypatch.setattr(large_file, "PIECE_BYTES", 7)
    file = opened(tmp_path / "f", content)

    assert len(file) == len(content)
    assert file[start:end] == content[start:end]
    assert file.find(wanted, start, end) == content.find(wanted, start, end)
    assert file.count(wanted, start, end) == content.count(wanted, start, end)
    ends = [at + 1 for at in range(len(content)) if content[at : at + 1] == b"\n"]
    for at in ends:
        assert line_before(file, at) == content[:at].decode().split("\n")[-2]


def test_a_large_inventory_stays_on_disk_and_has_the_same_digest(tmp_path) -> None:
    with (tmp_path / "f.csv").open("wb") as file:
        file.write(b"name\n")
        file.seek(LARGE_BYTES)
        file.write(b"lamp\n")
    source = FolderSource(tmp_path)
    found = source.read("f.csv", 1 << 30)

    assert isinstance(found, Problem)  # a sparse file is full of NUL
    (tmp_path / "f.csv").write_bytes(b"name\n" * (LARGE_BYTES // 5 + 1))
    found = source.read("f.csv", 1 << 30)
    assert isinstance(found, LargeInventory)
    assert content_digest([found]) == content_digest([NamedBytes("f.csv", (tmp_path / "f.csv").read_bytes())])
    assert isinstance(source.read("f.csv", LARGE_BYTES), Problem)


def test_a_file_that_is_written_to_meanwhile_is_told(tmp_path) -> None:
    file = opened(tmp_path / "f", b"name\nlamp\n")
    file.check()
    (tmp_path / "other").write_bytes(b"name\n")
    (tmp_path / "other").replace(tmp_path / "f")  # as git and editors do: what was opened is still whole
    assert file[:] == b"name\nlamp\n"
    file.check()

    file = opened(tmp_path / "g", b"name\nlamp\n")
    os.truncate(tmp_path / "g", 3)
    with pytest.raises(ChangedMeanwhileError, match=r"devices\.csv.*Run the command again"):
        file[0:9]
    with pytest.raises(ChangedMeanwhileError):
        file.check()
