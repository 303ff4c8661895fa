"""What every state store must do: subclass `StateContract` in a test module and say how a store is opened.

    class TestSqlite(StateContract):
        open_store = staticmethod(Sqlite.open)
        ...

The tests use `ports.StateStore` only, so they hold for a file, a server or a git ref alike.
"""

from reconcile.testing.state_contract.exports import ExportContract
from reconcile.testing.state_contract.journal import JournalContract
from reconcile.testing.state_contract.leases import LeaseContract
from reconcile.testing.state_contract.records import RecordContract
from reconcile.testing.state_contract.settled import SettledContract
from reconcile.testing.state_contract.writers import WriterContract

__all__ = ["StateContract"]


class StateContract(RecordContract, JournalContract, ExportContract, LeaseContract, SettledContract, WriterContract):
    """The conformance tests of a state store."""
