"""The sockets: what a platform and a state store must offer. Protocols only; no code, no I/O.

A platform is a `Platform` found through the entry point group `reconcile.platforms`; its `dialect` is pure, its
`client` is the only part that talks to a cloud.
"""

from __future__ import annotations

from reconcile.ports.client import (
    Accepted,
    Client,
    ListedDevice,
    Lister,
    Listing,
    LooksAhead,
    Stamp,
    Surveyor,
    TellsModels,
)
from reconcile.ports.dialect import (
    Capabilities,
    ChecksAccount,
    CondensesModels,
    Dialect,
    KnowsDangers,
    KnowsModels,
    KnowsResources,
    Models,
    TakesStock,
    VersionsModels,
)
from reconcile.ports.doctor import Bench, ComparesModels, Examinable, Examiner, SharesPresence
from reconcile.ports.keys import CredentialProvider, Credentials, IssuedKeys, KeyRequest, Secrets
from reconcile.ports.platform import ClientSettings, Platform
from reconcile.ports.recorded import RecordedFleet
from reconcile.ports.store import Commit, HeldLease, LeaseStanding, Reservation, Source, StateStore
from reconcile.ports.values import Content, NamedBytes, NamedContent, PlatformConfig, Problem, TypedValue

__all__ = [
    "Accepted",
    "Bench",
    "Capabilities",
    "ChecksAccount",
    "Client",
    "ClientSettings",
    "Commit",
    "ComparesModels",
    "CondensesModels",
    "Content",
    "CredentialProvider",
    "Credentials",
    "Dialect",
    "Examinable",
    "Examiner",
    "HeldLease",
    "IssuedKeys",
    "KeyRequest",
    "KnowsDangers",
    "KnowsModels",
    "KnowsResources",
    "LeaseStanding",
    "ListedDevice",
    "Lister",
    "Listing",
    "LooksAhead",
    "Models",
    "NamedBytes",
    "NamedContent",
    "Platform",
    "PlatformConfig",
    "Problem",
    "RecordedFleet",
    "Reservation",
    "Secrets",
    "SharesPresence",
    "Source",
    "Stamp",
    "StateStore",
    "Surveyor",
    "TakesStock",
    "TellsModels",
    "TypedValue",
    "VersionsModels",
]
