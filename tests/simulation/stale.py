"""Saved plans applied with `--partial`: a device that another plan moved meanwhile is left out."""

from collections import defaultdict

from .broken import Broken
from .fleet import NAMES


class Stale:
    """I4 of saved plans: which devices a process must leave alone, from the journal's file as it begins."""

    def __init__(self):
        self._left_out = defaultdict(set)  # number of a process: names of devices

    def begins(self, process, plan, entries):
        """A process begins with a saved plan; entries are those of the journal since the plan was made."""
        for entry in entries:
            is_deed = entry["operation"].startswith("state_")  # of a person, who lets the rollout go on
            if entry["plan"] != plan.occasion and entry["state"] == "DONE" and not is_deed:
                self._left_out[process.number].add(entry["device"].rpartition("/")[2])

    def arrived(self, entry, process):
        """One mutating request as it arrives."""
        if NAMES.get(entry.device) in self._left_out.get(process.number, ()):
            raise Broken(
                f"I4: process {process.number} applies a stale plan to {NAMES[entry.device]}: {entry.operation}"
            )
