"""What devices come to but for their inventories, in parts: what concerns any device, and what each profile sets.

Premise: the change of every day is a value in one profile, and it concerns the devices that the profile covers.
Rule: what a profile says beyond whom it covers, and before which others, has a digest of its own; all the rest has one
together. Where only digests of profiles differ, what none of those profiles covers comes to what it came to before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from reconcile.manifest.document import Document
from reconcile.manifest.layer import profile_title
from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject, canonical

_WHOM = ("selector", "priority", "rollout", "safety")
"""Members of a profile that say more than what the devices it covers are to hold."""
_MOST_PROFILES = 256
"""Digests of more would take longer to keep with every commit than a fleet takes to read."""
_DIGITS = 24


@dataclass(frozen=True, slots=True)
class Under:
    """`shared`: the digest of everything that concerns any device but documents of single ones that are not read;
    `whole`: with those. `profiles`: digests of what profiles set, by the titles of their layers.
    """

    shared: str
    whole: str
    profiles: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, documents: Iterable[Document], shared: str, unread: str) -> Under:
        """`shared` names the files beside those of the documents, `unread` those that are not read."""
        rest: list[Json] = [[one.kind, _whom(one) if one.kind == "Profile" else one.body] for one in documents]
        profiles = {profile_title(one): _digest(canonical(_what(one))) for one in documents if one.kind == "Profile"}
        texts = sorted(map(canonical, rest))
        if len(profiles) > _MOST_PROFILES:
            texts += sorted(f"{title} {digest}".encode() for title, digest in profiles.items())
            profiles = {}
        digest = _digest(b"\n".join((shared.encode(), *texts)))
        return cls(digest, _digest(f"{digest} {unread}".encode()), profiles)

    def text(self, form: str) -> str:
        """All of it on one line."""
        return " ".join((form, self.whole, *(self.profiles[title] for title in sorted(self.profiles))))

    def moved_since(self, text: str, form: str) -> frozenset[str] | None:
        """The titles of profiles that set something else than when the text was made; None where more is other."""
        head, length = f"{form} {self.whole}", len(self.profiles)
        digests = text.removeprefix(head).split()
        if not text.startswith(head) or len(digests) != length:
            return None
        titles = sorted(self.profiles)
        return frozenset(title for title, then in zip(titles, digests, strict=True) if self.profiles[title] != then)

    def by_layer(self, titles: Sequence[str]) -> list[str]:
        """The digests of profiles in the order of their layers."""
        return [self.profiles.get(title, "") for title in titles]


def _whom(document: Document) -> JsonObject:
    """A profile without what it sets."""
    spec = document.body.get("spec")
    kept = {name: value for name, value in spec.items() if name in _WHOM} if isinstance(spec, dict) else spec
    return {**document.body, "spec": kept}


def _what(document: Document) -> JsonObject:
    spec = document.body.get("spec")
    return {name: value for name, value in spec.items() if name not in _WHOM} if isinstance(spec, dict) else {}


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=_DIGITS // 2).hexdigest()
