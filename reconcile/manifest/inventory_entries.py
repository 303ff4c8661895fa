"""The entries of `inventory:`: paths of files, and listings that a cloud fills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from reconcile.manifest.document import Document
from reconcile.manifest.inventory_row import IDENTITY_FIELDS, VOLATILE_FACTS
from reconcile.manifest.layer_codes import LISTED_TWICE, NOT_A_LISTING_LABEL, UNKNOWN_PLATFORM
from reconcile.manifest.members import object_of
from reconcile.manifest.schema_checks import seconds
from reconcile.manifest.suggest import did_you_mean, listed
from reconcile.model.diagnostic import Diagnostic, Span
from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject
from reconcile.ports import Listing

DEFAULT_MAX_AGE_S = 86_400

NOT_LABELS = frozenset({"name", "platform", *IDENTITY_FIELDS, *VOLATILE_FACTS})
"""Names that no label of a listed device may have."""


@dataclass(frozen=True, slots=True)
class ListedInventory:
    """An entry that a cloud fills. `labels` stand on every device of it; `max_age_s` is how old a kept copy may be."""

    listing: Listing
    span: Span
    labels: Mapping[str, str] = field(default_factory=dict)
    max_age_s: int = DEFAULT_MAX_AGE_S

    @property
    def title(self) -> str:
        """For people: `listing of aliyun-prod (products a1BwAGVxxxx; tags site=haidian)`."""
        tags = ", ".join(f"{name}={value}" for name, value in sorted(self.listing.tags.items()))
        parts = [f"products {listed(self.listing.products)}"] if self.listing.products else []
        parts += [f"tags {tags}"] if tags else []
        return f"listing of {self.listing.platform}" + (f" ({'; '.join(parts)})" if parts else "")


@dataclass(frozen=True, slots=True)
class InventoryEntries:
    """What a Fleet document names: files in their order, listings in theirs, and what is wrong with the entries."""

    files: Sequence[tuple[str, Span]] = ()
    listings: Sequence[ListedInventory] = ()
    diagnostics: Sequence[Diagnostic] = ()


def inventory_entries(document: Document) -> InventoryEntries:
    """The entries of a Fleet document that satisfies its schema."""
    spec = object_of(document.body.get("spec"))
    platforms = object_of(spec.get("platforms"))
    entries = spec.get("inventory")
    files: list[tuple[str, Span]] = []
    listings: dict[object, ListedInventory] = {}
    diagnostics: list[Diagnostic] = []
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        span = document.span("spec", "inventory", index)
        if not isinstance(entry, dict):
            files.append((str(entry), span))
            continue
        one = _listed(entry, span)
        diagnostics += _problems(document, index, one, platforms)
        first = listings.setdefault(_question(one.listing), one)
        if first is not one:
            detail = f"{one.title} also stands at {first.span}. Keep one of the two entries"
            diagnostics.append(LISTED_TWICE.at(span, detail))
    known = tuple(one for one in listings.values() if one.listing.platform in platforms)
    return InventoryEntries(files, known, diagnostics)


def _question(listing: Listing) -> object:
    """What the cloud is asked, whatever the order it is written in."""
    return listing.platform, frozenset(listing.products), frozenset(listing.tags.items())


def _listed(entry: JsonObject, span: Span) -> ListedInventory:
    products = entry.get("products")
    age_s = seconds(entry.get("maxAge"))
    listing = Listing(
        platform=str(entry.get("platform")),
        products=tuple(str(product) for product in products) if isinstance(products, list) else (),
        tags=_texts(entry.get("tags")),
    )
    return ListedInventory(listing, span, _texts(entry.get("labels")), DEFAULT_MAX_AGE_S if age_s is None else age_s)


def _problems(document: Document, index: int, one: ListedInventory, platforms: JsonObject) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    name = one.listing.platform
    if name not in platforms:
        detail = f"found platform {name!r}. {did_you_mean(name, platforms)}The Fleet has: {listed(platforms)}"
        found.append(UNKNOWN_PLATFORM.at(document.span("spec", "inventory", index, "platform"), detail))
    for label in one.labels:
        if label in NOT_LABELS:
            place = document.span("spec", "inventory", index, "labels", label)
            detail = f"{label!r} says what a device is, or what was last seen of it; it is no label. Rename it"
            found.append(NOT_A_LISTING_LABEL.at(place, detail))
    return found


def _texts(value: Json) -> dict[str, str]:
    return {name: str(text) for name, text in object_of(value).items()}
