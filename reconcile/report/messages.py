"""The catalogue: every sentence a report says, by key, in English and Chinese.

Sentences are fixed; what varies comes in as named values, already made inert. Counted nouns have `.one` and `.many`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconcile.model.diagnostic import Diagnostic
from reconcile.report.messages_zh import CHINESE
from reconcile.report.phrases_zh import SUMMARIES, reason_in_chinese
from reconcile.report.sanitise import LIMIT, inert

ENGLISH: dict[str, str] = {
    "value.none": "(none)",
    "value.unknown": "(unknown)",
    "value.secret": "(secret {name})",
    "value.secret_changed": "(secret {name}, changed)",
    "value.length": "({n} characters)",
    "value.more_differences": "… and {n} more differences",
    "value.cleared": "(cleared)",
    "value.unmanaged": "(no longer managed)",
    "value.withdrawn": "(withdrawn)",
    "value.not_asked": "not asked; add --refresh",
    "device.one": "{n} device",
    "device.many": "{n} devices",
    "request.one": "{n} request",
    "request.many": "{n} requests",
    "wakeup.one": "{n} wake-up",
    "wakeup.many": "{n} wake-ups",
    "byte.one": "{n} byte",
    "byte.many": "{n} bytes",
    "error.one": "{n} error",
    "error.many": "{n} errors",
    "warning.one": "{n} warning",
    "warning.many": "{n} warnings",
    "problem.head": "{code} {severity}:",
    "problem.line": "{head} {summary}",
    "severity.error": "error",
    "severity.warning": "warning",
    "list.and": ", ",
    "sentence.next": " ",
    "list.more": "…",
    "unit.second": "{n}s",
    "unit.minute": "{n}m",
    "unit.hour": "{n}h",
    "unit.day": "{n}d",
    "time.ago": "{age} ago",
    "time.in": "in {age}",
    "side.desired": "desired",
    "side.recorded": "recorded",
    "side.observed": "observed",
    "action.create": "create",
    "action.update": "update",
    "action.clear": "clear",
    "action.release": "release",
    "action.adopt": "adopt",
    "action.run": "run",
    "delivery.accepted": "accepted",
    "delivery.queued": "queued",
    "delivery.sent": "sent",
    "delivery.confirmed": "confirmed",
    "delivery.expired": "expired",
    "delivery.failed": "failed",
    "delivery.cancelled": "cancelled",
    "delivery.missing": "missing",
    "problems.none": "No problems found.",
    "problems.count": "{errors}, {warnings}.",
    "plan.changes": "Plan: {changing} of {devices} will change, with {requests}",
    "plan.records": "Plan: nothing to send; {devices} only recorded",
    "plan.empty": "Nothing to do: {devices}, all as the manifests say",
    "plan.empty_held": "Nothing to do: {settled} of {devices} as the manifests say, {held} held",
    "plan.waiting": "Nothing to send: {waiting} of {devices} wait for delivery",
    "plan.left_alone": "Nothing to send; some devices are left alone, see below",
    "plan.blocked": "Blocked: safety limits refuse this plan ({codes})",
    "plan.broken": "Not usable: {errors}",
    "plan.totals": "settled {settled} · changing {changing} · waiting {waiting} · held {held} · unknown {unknown} · "
    "conflicts {conflicts}",
    "plan.recorded_only": "Recorded only, nothing is sent",
    "plan.changes_title": "Changes",
    "plan.problems": "Problems",
    "plan.class": "Class",
    "plan.devices": "Devices",
    "plan.change": "Change",
    "plan.reason": "Reason",
    "plan.more_classes": "… and {n} more classes with {devices}; see the full report",
    "plan.more_notices": "… and {n} more entries; see the full report",
    "plan.details": "All changes, value by value",
    "plan.conflicts": "Conflicts: changed in the manifests and outside; nothing is sent to these resources",
    "plan.drift": "Drift: changed outside, though not in the manifests",
    "plan.held": "Held: left alone until the hold ends",
    "plan.put_off": "Waiting: sent by a later run",
    "plan.unknown": "Unknown: could not be read; nothing is decided about them",
    "plan.unread": "{devices} could not be read, and nothing is planned for them. The first reason: {reason}",
    "plan.requests": "Requests",
    "plan.forecast": "The clouds will have accepted everything after about {seconds} s.",
    "plan.forecast_queued": "{accepted} Sleeping devices take what is queued at their next uplink.",
    "plan.confirmed": "Of {devices} whose uplinks are known, half will have confirmed {half}, 99 % {most}.",
    "plan.outlive": "{devices} will not be heard before what waits for them expires.",
    "plan.unforeseen": "Nothing is foreseen for {devices} of whose uplinks nothing is known yet.",
    "plan.costs": "Devices spend {cost} of payload.",
    "foreseen.after": "after about {age}",
    "foreseen.at_once": "at once",
    "foreseen.never": "not before what waits for them expires",
    "cost.riding": "all on uplinks that happen anyway",
    "cost.partly_riding": "{n} of them on uplinks that happen anyway",
    "cost.joins": "no further wake-up",
    "plan.digest": "digest",
    "plan.created": "created",
    "listing.told": "Inventory from {platform}: {devices}, listed {when}",
    "listing.title": "Inventory from clouds",
    "listing.taken": "{devices}, listed {at} ({when})",
    "listing.before": "{age} before this plan",
    "plan.expires": "expires",
    "status.none": "Nothing recorded yet.",
    "status.title": "{devices} recorded, {open} waiting for delivery",
    "status.devices": "devices",
    "status.open": "Open deliveries",
    "status.lost": "Lost deliveries: the next plan sends these again where they are still wanted",
    "status.expires": "expires {when}",
    "status.overdue": "expired {when}",
    "status.confirmed_at": "device holds {value}, {when}",
    "status.unconfirmed": "not confirmed by the device",
    "status.oldest": "oldest {when}",
    "status.first_expiry": "first expires {when}",
    "status.more": "… and {n} more groups; `reconcile status DEVICE` shows one device in full",
    "status.leaving": "leaving the manifests",
    "status.owed": "owed: runs after the write it follows",
    "status.uplink": "last uplink {when}",
    "status.no_uplink": "no uplink known",
    "status.no_resources": "no resources recorded",
    "drift.none": "No drift found: {devices}, refresh {refresh}",
    "drift.title": "Drift on {drift}, conflicts on {conflicts}, unknown: {unknown}",
    "explain.device": "Device {device}",
    "explain.identity": "identity",
    "explain.labels": "labels",
    "explain.declared": "declared",
    "explain.layers": "Layers, low to high; the last one wins",
    "explain.no_layer": "declared by no manifest",
    "explain.wins": "wins",
    "explain.nowhere": "(no file)",
    "explain.mode": "mode {mode}",
    "explain.recorded": "recorded",
    "explain.not_recorded": "nothing recorded yet",
    "explain.cloud": "cloud",
    "explain.reported": "reported",
    "explain.version": "version {version}",
    "explain.confirmed": "confirmed",
    "explain.plan": "plan",
    "explain.settled": "Nothing to do: desired and recorded agree.",
    "explain.no_sentence": "No plan was made for this resource.",
    "explain.command": "Command {name}",
    "explain.execute": "executes {path}",
    "explain.after": "after {paths}",
    "explain.trigger": "once per trigger {trigger}",
    "explain.last_run": "last run",
    "explain.never_run": "never run",
    "explain.no_such": "Neither the manifests nor the recorded state name {resource} on this device.",
    "explain.problem": "The device could not be read: {problem}",
    "outcome.title.done": "Applied: all went well",
    "outcome.title.nothing": "Nothing was sent",
    "outcome.title.partly": "Applied in part",
    "outcome.title.doubt": "Applied, with attempts in doubt",
    "outcome.DONE": "done",
    "outcome.ADOPTED": "found in place",
    "outcome.REFUSED": "refused",
    "outcome.CONFLICT": "conflict",
    "outcome.IN_DOUBT": "in doubt",
    "outcome.INFLIGHT": "in flight",
    "outcome.NOT_LANDED": "did not land",
    "outcome.SUPERSEDED": "superseded",
    "outcome.NEEDS_OPERATOR": "needs a person",
    "outcome.blocked": "blocked",
    "outcome.put_off": "for a later run",
    "outcome.not_begun": "not begun",
    "outcome.explain.DONE": "accepted by the cloud",
    "outcome.explain.ADOPTED": "the cloud had it already; only recorded",
    "outcome.explain.REFUSED": "the cloud said no; nothing was changed",
    "outcome.explain.CONFLICT": "somebody else changed it meanwhile; left alone",
    "outcome.explain.IN_DOUBT": "no answer came; it may have landed",
    "outcome.explain.INFLIGHT": "no answer yet",
    "outcome.explain.NOT_LANDED": "proved not to have arrived",
    "outcome.explain.SUPERSEDED": "no longer wanted",
    "outcome.explain.NEEDS_OPERATOR": "the cloud cannot prove what happened",
    "outcome.explain.blocked": "an earlier step of the device did not succeed",
    "outcome.explain.put_off": "follows a write that is now queued, and goes when that is confirmed",
    "outcome.explain.not_begun": "not reached",
    "outcome.failures": "Failures",
    "outcome.more_failures": "… and {n} more",
    "outcome.next": "Next",
    "outcome.next.recover": "Run `reconcile apply` again: it asks the clouds what happened before it sends anything.",
    "outcome.next.operator": "Look at the devices that need a person; `reconcile explain DEVICE` shows what is known.",
    "outcome.next.plan": "Run `reconcile plan`: conflicts and refusals show there with both values.",
    "outcome.next.again": "Run the same `apply` again: it goes on where this one stopped.",
    "outcome.next.status": "Run `reconcile status` to follow the deliveries.",
}


@dataclass(frozen=True, slots=True)
class Texts:
    """One language. Calling it with a key and the named values gives the sentence."""

    lang: str
    catalogue: Mapping[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence; whole numbers are shown in groups of three digits."""
        shown = {name: f"{value:,}" if type(value) is int else value for name, value in values.items()}
        return self.catalogue[key].format_map(shown)

    def count(self, noun: str, n: int) -> str:
        """`1 device`, `8,112 devices`."""
        return self(f"{noun}.one" if n == 1 else f"{noun}.many", n=n)

    def summary(self, diagnostic: Diagnostic) -> str:
        """The fixed summary of a diagnostic in this language; in English where it was never translated."""
        summary = SUMMARIES.get(diagnostic.summary) if self.lang == "zh" else None
        return summary or inert(diagnostic.summary)

    def reason(self, text: str) -> str:
        """Why the plan does or leaves something, in this language where the sentence is one of the planner's own."""
        shown = inert(text, LIMIT)
        return reason_in_chinese(shown) if self.lang == "zh" else shown


def translate(lang: str) -> Texts:
    """The texts of a language: `zh` (also `zh_CN.UTF-8`) or English."""
    return Texts("zh", CHINESE) if lang.lower().startswith("zh") else Texts("en", ENGLISH)
