"""Two appliers of one fleet at once, with the real leases: the second waits its turn, and a fence outlives a broken lease.

The worst case is a person who breaks the lease of an applier that is still alive: its request is on its way while the
next applier, with newer manifests, begins. Nothing older may follow what is newer, and nothing is recorded twice.
"""

import asyncio
from contextlib import closing

import pytest
from proving.fleet import PATHS
from proving.history import History
from proving.state import ME, Journalled

from reconcile.model.errors import LeaseHeld
from reconcile.runs.apply import Applied, ApplyRequest, Approval, apply
from reconcile.runs.request import Refresh, Request
from reconcile.state.open import connect
from reconcile.state.sqlite import Sqlite

FIRST, LAMP = PATHS["sleeper"][0], PATHS["lamp"][0]


class Leased(Journalled):
    """The state with its leases and fences."""

    def lease(self, lane, owner, now):
        return self._store.lease(lane, owner, now)

    def commit(self, commit, *, fences):
        self._store.commit(commit, fences=fences)
        self._site.journal.extend(commit.entries)


async def applied(site, store, owner):
    job = ApplyRequest(
        Request(Refresh.CHANGED), Approval(None, lambda _plan: True), lambda _event: None, asyncio.Event(), owner
    )
    return await apply(site.session(Leased(store, site)), job)


def break_leases(path):
    """As a person does who believes that the holder is dead."""
    with closing(connect(path)) as connection:
        connection.execute("UPDATE lease SET owner = NULL, fence = fence + 1 WHERE owner IS NOT NULL")


@pytest.fixture
def fleet():
    history = History(("sleeper", "lamp"))
    history.site.current.plan = None
    history.edit("sleeper", FIRST, "new")
    history.edit("lamp", LAMP, "new")
    history.write_documents()
    other = Sqlite.open(history.site.folder / "state.db", process=ME)
    yield history, other
    other.close()
    history.close()


def test_the_second_sends_nothing_while_the_first_holds_the_lanes(fleet):
    history, other = fleet
    site = history.site

    async def both():
        first = asyncio.create_task(applied(site, site.store, "first"))
        await asyncio.sleep(0.05)
        seen = len(site.log)
        with pytest.raises(LeaseHeld):
            await applied(site, other, "second")
        assert len(site.log) == seen
        assert (await first).exit_code == 0

    site.loop.run_until_complete(both())
    history.finish()


@pytest.mark.parametrize("moment_s", [n / 50 for n in range(1, 21)])
def test_a_lease_broken_under_a_living_applier_lets_nothing_older_follow(moment_s, fleet):
    history, other = fleet
    site = history.site

    async def both():
        first = asyncio.create_task(applied(site, site.store, "first"))
        await asyncio.sleep(moment_s)
        break_leases(site.folder / "state.db")
        history.edit("sleeper", FIRST, "new")
        history.edit("lamp", LAMP, "new")
        history.write_documents()
        return await asyncio.gather(applied(site, other, "second"), first, return_exceptions=True)

    ends = site.loop.run_until_complete(both())
    assert all(isinstance(end, (LeaseHeld, Applied)) for end in ends), ends
    history.finish()  # no older value after a newer, at most one live command, nothing recorded that is not there
    assert history.holds("sleeper")[FIRST] == history.git["sleeper"][FIRST]
    assert history.seen["lamp", LAMP][-1] == history.git["lamp"][LAMP]
