"""The device models of an import: those of its manifests, and for products without one what their cloud publishes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from reconcile.manifest.fleet import listed_paths
from reconcile.manifest.parse import parse
from reconcile.model.errors import CallFailed
from reconcile.model.late import dataclass
from reconcile.ports import NamedBytes, TakesStock, TellsModels
from reconcile.runs.adoption.subject import Chosen
from reconcile.runs.load import MODELS_LIMIT_BYTES
from reconcile.runs.session import Session
from reconcile.runs.shipped import schemas

FOLDER = "models/"
"""Where fetched ones go in the new folder."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """Model files by name in the new folder; `lacking` says by platform and model key why there is none."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    lacking: Mapping[tuple[str, str], str] = field(default_factory=dict)


def declared_models(session: Session) -> tuple[list[str], dict[str, bytes]]:
    """The folders of `models:`, and the files in them by name."""
    files, _ = session.source.manifests()
    documents, _ = parse(files, schemas())
    fleet = next(one for one in documents if one.kind == "Fleet")
    found: dict[str, bytes] = {}
    paths = [path for path, _ in listed_paths(fleet, "models")]
    for path in paths:
        known: Sequence[NamedBytes] = session.source.read_folder(path, MODELS_LIMIT_BYTES)[0]
        found |= {file.name: file.content for file in known}
    return paths, found


async def fetch_models(session: Session, chosen: Sequence[Chosen]) -> Fetched:
    """Asks clouds for the models that these devices lack; the session knows them from then on. Raises nothing."""
    files: dict[str, bytes] = {}
    lacking: dict[tuple[str, str], str] = {}
    for platform, key in _without(session, chosen):
        client = session.client(platform)
        if not isinstance(client, TellsModels):
            continue
        try:
            found = await client.model_files(key)
        except CallFailed as exc:
            lacking[platform, key] = f"its cloud did not hand it out: {exc}"
            continue
        if not found:
            lacking[platform, key] = "its cloud has published none"
        files |= {f"{FOLDER}{file.name}": file.content for file in found}
    if files:
        _add(session, files, {session.fleet.platforms[platform].type for platform, _ in _without(session, chosen)})
    return Fetched(files, lacking)


def _without(session: Session, chosen: Sequence[Chosen]) -> list[tuple[str, str]]:
    """Platforms and model keys of devices with a cloud copy of which no model says what they have."""
    found: dict[tuple[str, str], bool] = {}
    for one in chosen:
        dialect = session.dialect(one.ref.platform)
        pair = one.ref.platform, dialect.model_key(one.identity)
        if pair not in found and pair[1] and isinstance(dialect, TakesStock):
            models = session.fleet.models[session.fleet.platforms[pair[0]].type]
            has_copy = dialect.capabilities(pair[1]).has_cloud_copy
            found[pair] = has_copy and not dialect.stock(models, pair[1], ())
    return sorted(pair for pair, is_lacking in found.items() if is_lacking)


def _add(session: Session, files: Mapping[str, bytes], types: set[str]) -> None:
    every = [NamedBytes(name, content) for name, content in {**declared_models(session)[1], **files}.items()]
    platforms = {config.type: name for name, config in session.fleet.platforms.items() if config.type in types}
    known = {kind: session.dialect(name).load_models(every) for kind, name in platforms.items()}
    session.fleet = replace(session.fleet, models={**session.fleet.models, **known})
