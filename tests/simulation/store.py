"""The program's own SQLite state, as one simulated process has it open: it can be lost at once, and its disk be full."""

from virtual_time.store import HandedOn

from reconcile.model.errors import StateError

from .process import Dead


class Store(HandedOn):
    """As `Sqlite`, until its process dies."""

    full_at = None  # the number of the commit that finds no room
    dies_at = None  # the number of the commit that is the last thing its process does, and whether before or after it
    owner = None
    watch = None  # hears of each commit that is durable
    commits = 0

    def commit(self, commit, *, fences):
        self.commits += 1
        if self.commits == self.full_at:
            raise StateError("the state has no room left on its disk")
        self._meets_death("before")
        super().commit(commit, fences=fences)
        if self.watch is not None:
            self.watch(commit)
        self._meets_death("after")

    def _meets_death(self, side):
        if self.dies_at == (self.commits, side):
            self.owner.die()
            raise Dead
