"""Secrets in manifests: a fingerprint stands in for them everywhere, the value enters when a request is built."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from reconcile.model.desired import DesiredDocument, DesiredResource
from reconcile.model.diagnostic import Diagnostic
from reconcile.model.errors import ReconcileError
from reconcile.model.fleet import DesiredDevice
from reconcile.model.late import dataclass
from reconcile.model.observed import ObservedDevice
from reconcile.model.values import Json, JsonObject, Known, Missing, canonical, is_secret, secret

KEY = "RECONCILE_SECRETS_KEY"
SHORTEST_KEY = 32

_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")


@dataclass(frozen=True, slots=True)
class Vault:
    """`ports.Secrets` from the environment. `key` belongs to the state, so fingerprints mean nothing elsewhere.

    `RECONCILE_SECRETS_KEY` of the environment goes into the key: whoever reads the state alone cannot try values then.
    """

    environ: Mapping[str, str]
    key: bytes

    def resolve(self, marker: JsonObject) -> str:
        """The secret behind a sealed marker. Raises: ReconcileError when missing, or not the one that was planned."""
        inner = marker["$secret"]
        assert isinstance(inner, dict)
        name = str(inner["env"])
        value = self.environ.get(name)
        if not value:
            raise ReconcileError(f"secret missing: environment variable {name} is not set", code="RCL413")
        if self.fingerprint(value) != inner.get("digest"):
            raise ReconcileError(f"secret in {name} is not the one that was planned: plan again", code="RCL414")
        return value

    def same(self, left: Known, right: Known) -> bool:
        """Whether two sides of which at least one is a marker mean the same secret, going by fingerprints."""
        digests, others = _digests(left), _digests(right)
        if digests is None and others is not None:
            return self._is_one_of(left, others)
        if digests is not None and others is None:
            return self._is_one_of(right, digests)
        return digests is not None and digests == others

    def mask(self, observed: ObservedDevice, known: Mapping[str, AbstractSet[str]]) -> ObservedDevice:
        """What was seen, with markers in the place of the values of secret resources: no plan may show those.

        `known` are the fingerprints of each secret resource: a device may return the same secret in another form.
        """
        if not known.keys() & observed.resources.keys():
            return observed
        resources = {
            path: replace(
                seen,
                cloud=self._masked(seen.cloud, known[path]),
                reported=self._masked(seen.reported, known[path]),
            )
            if path in known
            else seen
            for path, seen in observed.resources.items()
        }
        return replace(observed, resources=resources)

    def _masked(self, value: Known, known: AbstractSet[str]) -> Known:
        if isinstance(value, Missing):
            return value
        readings = [self.fingerprint(text) for text in _readings(value)]
        return secret("env", "(observed)", next((reading for reading in readings if reading in known), readings[0]))

    def _is_one_of(self, plain: Known, digests: AbstractSet[str]) -> bool:
        if isinstance(plain, Missing):
            return False
        return any(self.fingerprint(text) in digests for text in _readings(plain))

    def fingerprint(self, value: str) -> str:
        """A keyed digest: tells whether a secret changed, and nothing else. Raises: ReconcileError for a weak key."""
        return hmac.new(self._whole_key(), value.encode(), hashlib.sha256).hexdigest()[:32]

    def _whole_key(self) -> bytes:
        own = self.environ.get(KEY, "")
        if not own:
            return self.key
        if len(own) < SHORTEST_KEY:
            raise ReconcileError(
                f"{KEY} is too short to be a key: found {len(own)} characters, expected {SHORTEST_KEY} at least. Make "
                "one with `openssl rand -hex 32`, and set the same wherever plans are made and applied.",
                code="RCL416",
            )
        return hmac.new(own.encode("utf-8", "surrogateescape"), self.key, hashlib.sha256).digest()


def digest_of(marker: Json) -> str | None:
    """The fingerprint in a sealed marker; None for anything else."""
    inner = marker.get("$secret") if isinstance(marker, dict) else None
    return str(inner["digest"]) if isinstance(inner, dict) and "digest" in inner else None


def _digests(side: Known) -> AbstractSet[str] | None:
    found = None if isinstance(side, Missing) else digest_of(side)
    return None if found is None else {found}


def _readings(value: Json) -> list[str]:
    """The texts that an observed value may stand for: as it is, or the hexadecimal or text of bytes.

    Source: OneNET returns opaque values as lists of bytes, or as hexadecimal text in either case.
    """
    if isinstance(value, str):
        return [value, value.upper(), value.lower()] if _HEX.fullmatch(value) else [value]
    if isinstance(value, list) and all(isinstance(item, int) and 0 <= item < 256 for item in value):
        data = bytes(int(str(item)) for item in value if not isinstance(item, bool))
        return [data.hex().upper(), data.hex(), data.decode("utf-8", "replace")]
    return [canonical(value).decode()]


def has_secrets(devices: Iterable[DesiredDevice]) -> bool:
    """True when any document of these devices holds a secret; each document is looked at once."""
    documents = {id(device.document): device.document for device in devices}
    return any(is_secret(resource.value) for document in documents.values() for resource in document.resources)


def seal(devices: Sequence[DesiredDevice], vault: Vault) -> tuple[Sequence[DesiredDevice], list[Diagnostic]]:
    """The devices with every secret's fingerprint in its marker, and a diagnostic for each secret that is missing.

    Documents stay shared; without any secret the input comes back as it is.
    """
    sealed: dict[int, DesiredDocument] = {}
    problems: dict[str, Diagnostic] = {}
    for device in devices:
        document = device.document
        if id(document) not in sealed:
            sealed[id(document)] = _seal_document(document, vault, problems)
    if all(sealed[id(device.document)] is device.document for device in devices):
        return devices, []
    return [DesiredDevice(d.device, sealed[id(d.document)]) for d in devices], list(problems.values())


def _seal_document(document: DesiredDocument, vault: Vault, problems: dict[str, Diagnostic]) -> DesiredDocument:
    if not any(is_secret(resource.value) for resource in document.resources):
        return document
    resources = tuple(_seal_resource(resource, vault, problems) for resource in document.resources)
    sealed = DesiredDocument.build(resources, document.commands, document.delivery)
    return replace(sealed, rollout=document.rollout)


def _seal_resource(resource: DesiredResource, vault: Vault, problems: dict[str, Diagnostic]) -> DesiredResource:
    for name in _names(resource.value):
        value = vault.environ.get(name)
        if not value:
            detail = f"resource {resource.path}: environment variable {name} is not set. Set it where plans are made."
            problems[name] = Diagnostic("RCL413", "secret missing", detail, resource.span)
            continue
        return replace(resource, value=secret("env", name, vault.fingerprint(value)))
    return resource


def _names(value: Json) -> Iterator[str]:
    if isinstance(value, dict) and is_secret(value):
        inner = value["$secret"]
        if isinstance(inner, dict):
            yield str(inner.get("env"))
