"""The base: manifests that the change in hand cannot alter, and what of them counts in place of the change's own.

Premise: whoever opens a pull request writes every file of its head. Rule: policies, accounts (addresses, keys, state)
and the labels that decide whom a policy is about are the base's. An account that the base does not have gets no
request, as it may be anybody's address with the names of our keys beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from reconcile.manifest.document import Document, Fleet
from reconcile.manifest.policy_documents import read_policies
from reconcile.model.diagnostic import Diagnostic, Severity, in_order
from reconcile.model.late import dataclass
from reconcile.model.policy import NO_POLICIES, Policies
from reconcile.model.values import JsonObject
from reconcile.planner.policy.reach import Reach
from reconcile.runs.caches import NO_CACHES, Caches
from reconcile.runs.load import documents_of, load
from reconcile.runs.policy_source import BaseUnreadableError, base_source, changed_files, files_below
from reconcile.runs.source import FolderSource

if TYPE_CHECKING:
    from reconcile.runs.listings import Listings

DIFFERS = ("RCL716", "account is not that of the base")
UNKNOWN = ("RCL717", "account is not known to the base")
NOT_YET = ("RCL718", "policies of this change do not count yet")


@dataclass(frozen=True, slots=True)
class PolicyBase:
    """What counts. `fleet` is its Fleet document, None without one; `changed` are files of the manifest folder that
    differ; `reach` knows its devices, where a policy asks for them. `title` is how people are told of it.
    """

    title: str
    policies: Policies = NO_POLICIES
    fleet: Document | None = None
    commit: str | None = None
    changed: tuple[str, ...] = ()
    reach: Reach = field(default_factory=lambda: Reach(is_based=True))
    diagnostics: tuple[Diagnostic, ...] = ()

    def amend(self, documents: Sequence[Document], *, asks: bool) -> tuple[list[Document], list[Diagnostic]]:
        """The documents of the change, with the accounts and the state of the base. `asks`: accounts may be asked."""
        amended, problems = [], []
        for document in documents:
            kept, found = self._with_accounts(document, asks=asks) if document.kind == "Fleet" else (document, [])
            amended.append(kept)
            problems += found
        return amended, problems

    def over(self, fleet: Fleet) -> Fleet:
        """The fleet of the change under the policies of the base."""
        told = list(self.diagnostics)
        if fleet.policies.digest != self.policies.digest:
            detail = (
                f"The Policy documents of this change differ from those of {self.title}, which count until the change "
                "is merged."
            )
            told.append(Diagnostic(*NOT_YET, detail, severity=Severity.WARNING))
        ours = [
            one for one in fleet.diagnostics if one.code != "RCL715"
        ]  # its own waivers count no more than its rules
        return replace(fleet, policies=self.policies, diagnostics=in_order([*ours, *told]))

    def _with_accounts(self, document: Document, *, asks: bool) -> tuple[Document, list[Diagnostic]]:
        spec, known = _spec(document), {} if self.fleet is None else _spec(self.fleet)
        theirs, platforms = _object(known, "platforms"), dict(_object(spec, "platforms"))
        problems = []
        for name, body in platforms.items():
            span = document.span("spec", "platforms", name)
            if name not in theirs:
                detail = f"platform {name}: {self.title} has none of that name, and no key goes where it does not know"
                way_out = "Plan with `--refresh none`, which asks nobody, or merge the platform before its devices"
                severity = Severity.ERROR if asks else Severity.WARNING
                problems.append(Diagnostic(*UNKNOWN, f"{detail}. {way_out}.", span, severity))
            elif body != theirs[name]:
                detail = f"platform {name}: what this change says of it is passed over, as {self.title} says otherwise"
                advice = "Its address, keys and quota count once they are merged"
                problems.append(Diagnostic(*DIFFERS, f"{detail}. {advice}.", span, Severity.WARNING))
                platforms[name] = theirs[name]
        if spec.get("state") != known.get("state"):
            detail = f"state: this change names another place than {self.title}, whose place is used"
            span = document.span("spec", "state")
            problems.append(Diagnostic(*DIFFERS, f"{detail}. It counts once it is merged.", span, Severity.WARNING))
        kept: JsonObject = {name: member for name, member in spec.items() if name != "state"}
        state: JsonObject = {"state": known["state"]} if "state" in known else {}
        body = {**document.body, "spec": {**kept, **state, "platforms": platforms}}
        return replace(document, body=body), problems


def read_base(
    name: str, head: Path, now: datetime, *, caches: Caches = NO_CACHES, listings: Listings | None = None
) -> PolicyBase:
    """The base of the manifests in `head`: a folder when it is written as a path (`./x`, `../x`, `/x`), else a commit.

    A name without those is never a folder: the change could create one. `listings` are kept ones of clouds, which tell
    the base's devices as well. Raises: BaseUnreadableError, GitError.
    """
    with base_source(name, head) as (source, title, commit):
        if source is None:
            return PolicyBase(title, commit=commit, changed=tuple(files_below(head)))
        documents, problems = documents_of(source, caches)
        policies, unclear = read_policies([one for one in documents if one.kind == "Policy"], now)
        wrong = [one for one in (*problems, *unclear) if one.is_error]
        if wrong:
            first = f"{wrong[0].span}: {wrong[0].summary} ({wrong[0].code})"
            raise BaseUnreadableError(
                f"{title} has errors, so its policies cannot be known: {first}. Mend the branch first; a change that "
                "mends it is planned with `--policy-from` of an older commit without errors."
            )
        return PolicyBase(
            title,
            policies,
            next((one for one in documents if one.kind == "Fleet"), None),
            commit,
            tuple(changed_files(source.folder, head)),
            _reach(source, policies, caches, listings, now),
            tuple(unclear),
        )


def _reach(source: FolderSource, policies: Policies, caches: Caches, listings: Listings | None, now: datetime) -> Reach:
    """The devices of the base; they are only worked out where a rule or a waiver is about some of them."""
    if not policies.asks_labels:
        return Reach(is_based=True)
    fleet = load(source, now=now, caches=caches, listings=listings)
    return Reach.of_base(one.device for one in fleet.devices)


def _spec(document: Document) -> JsonObject:
    return _object(document.body, "spec")


def _object(body: JsonObject, name: str) -> JsonObject:
    found = body.get(name)
    return found if isinstance(found, dict) else {}
