"""Instant Executes: one that may have run is never sent again unless a person says that it did not run."""

from .broken import Broken
from .fleet import NAMES

_UNREADABLE = ("garbled_body", "truncated_body")


class Calls:
    """I3 of instant Executes, from the cloud's log and the device."""

    def __init__(self):
        self.may_have_run = {}  # text of a command: the log entry by which nobody can tell that it did not run

    def arrived(self, site, entry, process):
        """One request of a process as it arrives. I4: what is written after a command waits for it to run."""
        if entry.operation == "write_now" and NAMES[entry.device] == "listener":
            call, ran = process.read_call, [one["args"] for one in site.executions("listener")]
            paths = {f"{entry.target}/{item['res_id']}" for item in entry.body["data"]}
            if call is not None and not paths.isdisjoint(call.before) and call.trigger not in ran:
                raise Broken(f"I4: {sorted(paths)} is written before {call.trigger} ran")
        if entry.operation != "execute_now":
            return
        text = entry.body["args"]
        if text in self.may_have_run:
            raise Broken(f"I3: {text} goes to {NAMES[entry.device]} again, and may have run: {self.may_have_run[text]}")
        if entry.landed or entry.http_status is None or entry.http_status >= 500 or entry.fault in _UNREADABLE:
            self.may_have_run[text] = entry

    def forgive(self, text):
        """A person looked at the device: it did not run, and cannot any more."""
        self.may_have_run.pop(text, None)


def check_calls(site):
    """In the end: no text ran twice, the one that git asks for ran."""
    ran = [one["args"] for one in site.executions("listener")]
    copies = sum(one.fault == "duplicate" and one.operation == "execute_now" for one in site.log)
    for text in site.git.texts:
        if ran.count(text) > 1 + copies:
            raise Broken(f"I3: {text} ran {ran.count(text)} times: {ran}")
    call = site.git.call
    if call is not None and call.trigger not in ran:
        raise Broken(f"I2: the instant {call.trigger} never ran: {ran}")
