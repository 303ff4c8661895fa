"""The journal as it lies in the state's file, read beside the program: what is durable at this very moment."""

import json


class JournalFile:
    """Follows the file of a store; `entries` are those committed so far, as JSON objects with their `seq`."""

    def __init__(self, store):
        self._connection = store._connection
        self.entries = []
        self.begun = []

    def catch_up(self):
        """Reads what was committed since."""
        query = "SELECT seq, body FROM journal WHERE seq > ? ORDER BY seq"
        for seq, body in self._connection.execute(query, (len(self.entries),)):
            entry = json.loads(body)
            assert seq == len(self.entries) + 1, "I15: the journal has a gap, or lost what it had"
            self.entries.append(entry)
            if entry["state"] == "INFLIGHT":
                self.begun.append(entry)
        return self.entries
