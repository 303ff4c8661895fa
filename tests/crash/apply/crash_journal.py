"""Requests that arrived, against what the journal says was begun: by operation, device and what the cloud checked."""

import json
from collections import Counter
from datetime import timedelta, timezone

from reconcile.model.journal import AttemptState

BEIJING = timezone(timedelta(hours=8))
NOW = ("write_now", "execute_now")


def uncovered(journal, log, names, copies=1):
    """Mutating requests without an INFLIGHT of their own. `names`: the clouds' names of devices, by ours.

    `copies`: how often a network between delivered what was sent once.
    """
    begun = [entry for entry in journal if entry.state is AttemptState.INFLIGHT]
    requests = [entry for entry in log if entry["mutating"] and not _is_copy(entry)]
    things = {request["device"] for request in requests if _is_thing(request)}
    began = Counter(_journaled(entry, names, things) for entry in begun)
    # A further copy of a queued command is withdrawn under the attempt it is a copy of: still open, and durable.
    copied = [entry for entry in log if _is_copy(entry) and entry["operation"].startswith("queue_")]
    began.update(("cancel_queued", entry["device"], None) for entry in copied)
    for request in requests:
        if request["operation"] in NOW and "et" in (request["precondition"] or {}):
            # No token outlives the deadline that was written down.
            deadlines = [e.deadline for e in begun if _journaled(e, names, things) == _arrived(request, things)]
            assert request["precondition"]["et"] <= max(deadlines).timestamp()
    allowed = Counter({key: times * copies for key, times in began.items()})
    return Counter(_arrived(request, things) for request in requests) - allowed


def _journaled(entry, names, things):
    """What the cloud can know of an INFLIGHT: operation, device, and the expiry, versions or instance it names."""
    device, versions = names[entry.device.name], entry.precondition.get("versions")
    if device in things:
        guard = " ".join(sorted(versions))
    elif versions is not None:
        guard = json.dumps(versions, sort_keys=True)
    elif entry.marker is not None:
        guard = entry.marker.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M:%S")
    elif entry.operation == "write_now":
        guard = entry.target.rpartition("/")[0].rpartition(" ")[2]
    else:
        guard = entry.target if entry.operation == "execute_now" else None
    return entry.operation, device, guard


def _arrived(entry, things):
    """The same of a request in the emulator's log."""
    checked, operation = entry["precondition"] or {}, entry["operation"]
    if entry["device"] in things:  # the current platform checks no versions; deleting is a call of its own
        return "set_desired", entry["device"], " ".join(sorted(entry["target"]))
    if "Versions" in checked:
        guard = json.dumps(checked["Versions"], sort_keys=True)
    else:
        guard = entry["target"] if operation in NOW else checked.get("expired_time")
    return "cancel_queued" if operation == "cancel" else operation, entry["device"], guard


def _is_thing(request):
    return request["cloud"] == "onenet" and request["operation"] in ("set_desired", "clear_desired")


def _is_copy(entry):
    return entry["fault"] in ("duplicate", "late_copy")
