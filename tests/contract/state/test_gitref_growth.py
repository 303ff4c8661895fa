"""What a repository keeps of a state in a git ref: as much after many transactions as after few, but for the journal."""

import subprocess

from test_gitref_contract import opened

from reconcile.ports import Commit
from reconcile.testing.builders import entry, recorded, resource

REF = "refs/reconcile/state/test"
HISTORY = 3


def reachable(path):
    words = ["git", "--git-dir", str(path), "rev-list", "--objects", REF]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return len(done.stdout.splitlines())


def test_transactions_leave_no_more_behind_however_many_there_were(tmp_path):
    path = tmp_path / "remote.git"
    with opened(path) as store:
        store._publisher._history = HISTORY
        counts = []
        for number in range(3 * HISTORY):
            device = recorded("valve-1", resource("/1/0/1", number))
            store.commit(Commit(devices=[device]), fences={})
            counts.append(reachable(path))

        assert counts[HISTORY : 2 * HISTORY] == counts[2 * HISTORY :]
        before = max(counts)
        for number in range(2 * HISTORY):
            store.commit(Commit(entries=[entry(f"s{number}")]), fences={})
        # the journal's one file, once in each commit that is kept, in two folders
        assert reachable(path) <= before + 3 * HISTORY
