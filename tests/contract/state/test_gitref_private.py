"""The private folder of a state in a git ref: kept while somebody is at work in it, swept once it was left behind."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from reconcile.state.gitref.private import PrivateFolder, sweep

SCRIPT = """
import sys
from reconcile.state.gitref.private import PrivateFolder

mine = PrivateFolder.made()
print(mine.path, flush=True)
sys.stdin.read()
"""


def test_working_copy_of_a_killed_process_is_swept_by_the_next_and_no_other_folder_is(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    held, killed = (
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "TMPDIR": str(tmp_path)},
        )
        for _ in range(2)
    )  # fmt: skip
    folders = [Path(one.stdout.readline().strip()) for one in (held, killed)]
    killed.kill()
    killed.communicate()
    older = tmp_path / "reconcile-gitref-older"
    older.mkdir()
    (older / "working.db").write_bytes(b"")
    linked, target = tmp_path / "reconcile-gitref-link", tmp_path / "elsewhere"
    target.mkdir()
    (target / "in-use").write_bytes(b"")
    linked.symlink_to(target)
    sweep(tmp_path)
    assert all(one.is_dir() for one in folders)  # too young to be judged
    for one in (*folders, older):
        os.utime(one, (0, 0))

    mine = PrivateFolder.made()

    assert [one.is_dir() for one in (*folders, older, target)] == [True, False, True, True]
    mine.drop()
    held.communicate("")
