"""Loads a fleet: manifests, inventories and device models through a Source, compiled for the platforms they use.

1. collect the manifest files; 2. parse them; 3. find the Fleet document; 4. read the inventories and model folders
it names; 5. let the dialects of its platform types read the models; 6. fill what clouds list; 7. compile. The user's
mistakes become diagnostics of the fleet, which is then partial.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from reconcile.manifest.compile import Inputs, compile_fleet
from reconcile.manifest.document import Document, Fleet
from reconcile.manifest.fleet import listed_paths, platform_configs, platform_types, state_config
from reconcile.manifest.inventory_entries import InventoryEntries, inventory_entries
from reconcile.manifest.kept import KeptFiles
from reconcile.manifest.layer_codes import placed
from reconcile.manifest.parse import check_platform_types, parse
from reconcile.manifest.select import Selector
from reconcile.manifest.settled.under import Under
from reconcile.model.desired import DesiredDocument
from reconcile.model.device import DeviceRef
from reconcile.model.diagnostic import Diagnostic, Span, has_errors, in_order
from reconcile.model.fleet import StateConfig
from reconcile.model.late import dataclass
from reconcile.model.policy import Policies
from reconcile.ports import (
    CondensesModels,
    Dialect,
    KnowsModels,
    KnowsResources,
    Models,
    NamedBytes,
    NamedContent,
    Platform,
    Problem,
    Source,
)
from reconcile.runs.caches import NO_CACHES, Caches
from reconcile.runs.content_digest import Digesting, content_digest
from reconcile.runs.large_file import LargeFile
from reconcile.runs.manifest_cache import ManifestCache
from reconcile.runs.sealed_files import Parsed, SealedFiles
from reconcile.runs.shipped import schemas

if TYPE_CHECKING:
    from reconcile.runs.listings import Filled, Listings
    from reconcile.runs.model_cache import ModelCache
    from reconcile.runs.recorded_fleet import ScreenedFleet

INVENTORY_LIMIT_BYTES = 2 << 30
MODELS_LIMIT_BYTES = 64 * 1024 * 1024

Amend: TypeAlias = Callable[[Sequence[Document]], tuple[list[Document], list[Diagnostic]]]
"""Takes documents; gives those that count in their place, and what is to be told of it."""
Recorded: TypeAlias = "Callable[[StateConfig, Under | None], ScreenedFleet]"
"""What a state records, beside manifests and models that say so much. Raises: StateError."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a fleet is loaded for. `amend` may replace documents once they are parsed, before anything is read or asked
    on their behalf. With `recorded`, a plan is made: settled devices may be left out. With `only`, one device
    is shown, and with an empty one none. `asked`: labels of devices that are not left out. `policies`: those that count
    in place of the documents'.
    """

    amend: Amend | None = None
    recorded: Recorded | None = None
    only: str | None = None
    asked: Selector | None = None
    policies: Policies | None = None

    def amended(
        self, written: Sequence[Document]
    ) -> tuple[Sequence[Document], Sequence[Document], Sequence[Diagnostic]]:
        """The documents that count, those of them that say something else than was written, and what is to be told."""
        if self.amend is None:
            return written, (), ()
        documents, found = self.amend(written)
        others = [
            now for now, then in zip(documents, written, strict=True) if now is not then and now.body != then.body
        ]
        return documents, others, found

    def opened(self, fleet: Document | None, under: Under | None) -> ScreenedFleet | None:
        """The recorded fleet of the state that a Fleet document names."""
        if self.recorded is None or fleet is None:
            return None
        return self.recorded(state_config(fleet), under)


def load(
    source: Source,
    *,
    now: datetime,
    platforms: Mapping[str, Platform] | None = None,
    listings: Listings | None = None,
    caches: Caches = NO_CACHES,
    purpose: Purpose | None = None,
) -> Fleet:
    """The fleet of a source. `platforms` are by type; without them, those that are installed.

    `now` tells which holds have expired. Without `listings`, an inventory that a cloud lists is an error.
    With `caches`, manifests and model files that did not change are not parsed again.
    """
    files, unread = source.manifests()
    purpose = purpose or Purpose()
    sealing = _sealing(files, caches, purpose, is_whole=not has_errors(unread))
    written, problems = sealing.read() if sealing else _parsed(files, caches, is_whole=not has_errors(unread))
    documents, amended, found = purpose.amended(written)
    offered = _installed() if platforms is None else platforms
    diagnostics = [*unread, *problems, *found]
    fleet = next((document for document in documents if document.kind == "Fleet"), None)
    entries = inventory_entries(fleet) if fleet else InventoryEntries()
    diagnostics += entries.diagnostics
    inventories = _inventories(source, entries, diagnostics)
    model_files = _model_files(source, fleet, diagnostics)
    diagnostics += _provider_problems(fleet) if fleet else ()
    types = sorted(platform_types(fleet)) if fleet else []
    used = {kind: offered[kind] for kind in types if kind in offered}
    if fleet and len(used) < len(types):
        diagnostics += check_platform_types(fleet, tuple(offered))
    models = {kind: _models(platform.dialect, model_files, caches.models) for kind, platform in used.items()}
    filled = _filled(fleet, entries, used, listings, diagnostics) if fleet and entries.listings else []
    is_complete = not has_errors(diagnostics) and all(one.file for one in filled)
    diagnostics += _model_problems(models)
    is_known = _are_built_in(types)
    is_asked = sealing is not None or purpose.recorded is not None
    under = _under(files, documents, amended, sealing, model_files) if is_known and is_asked else None
    if sealing is not None and under is not None:
        sealing.know(under.shared)
    inputs_read = (*files, *inventories, *model_files, *_lasting(filled))
    digesting = Digesting(inputs_read)
    recorded = None if has_errors(diagnostics) else purpose.opened(fleet, under)
    if recorded is not None and recorded.settled_blocks():  # little else is to do, and nothing forks
        digesting.begin_beside()
    inputs = Inputs(
        documents=documents,
        inventories=inventories,
        dialects={kind: platform.dialect for kind, platform in used.items()},
        models=models,
        is_complete=is_complete,
        listings=[(one.entry, one.file) for one in filled if one.file],
        recorded=recorded,
        sealed=sealing.devices if sealing else None,
        only=None if has_errors(diagnostics) else purpose.only,
        asked=purpose.asked,
        under=under,
        policies=purpose.policies,
    )
    taken = tuple(one.taken for one in filled if one.taken)
    asks = tuple(entry.listing for entry in entries.listings)
    try:
        compiled = replace(
            compile_fleet(inputs, now=now),
            digest=digesting.result() if purpose.only is None else "",  # nothing that is shown names it
            listings=taken,
            asks=asks,
            inventories=[path for path, _ in entries.files],
            folders=[path for path, _ in listed_paths(fleet, "models")] if fleet else [],
        )
        if recorded is not None:
            _check_unchanged(inventories)
            recorded.keep(compiled.blocks)
    finally:
        if recorded is not None:
            recorded.close()
    if sealing is not None and (purpose.only is None or sealing.is_first):  # one that is shown adds nothing to more
        sealing.close()
    compiled = replace(compiled, doubtful={**_without_model(compiled, inputs.dialects), **compiled.doubtful})
    return _with_diagnostics(compiled, diagnostics)


def documents_of(source: Source, caches: Caches = NO_CACHES) -> tuple[list[Document], list[Diagnostic]]:
    """The documents of a source alone, and what is wrong with its manifest files."""
    files, unread = source.manifests()
    documents, problems = _parsed(files, caches, is_whole=not has_errors(unread))
    return documents, [*unread, *problems]


def _parsed(
    files: Sequence[NamedBytes], caches: Caches, known: KeptFiles | None = None, *, is_whole: bool
) -> tuple[list[Document], list[Diagnostic]]:
    shipped = schemas()
    cache = ManifestCache.worthwhile(caches.manifests, files, shipped)
    parsed = parse(files, shipped, is_whole=is_whole, known=cache or known)
    if cache is not None:
        cache.close()
    return parsed


def _sealing(files: Sequence[NamedBytes], caches: Caches, purpose: Purpose, *, is_whole: bool) -> SealedFiles | None:
    """What leaves Device documents unread where a plan is made; None where there is no place to know them from."""
    is_partial = purpose.recorded is not None or purpose.only is not None
    if not is_partial or caches.devices is None:
        return None

    def parsed(caches: Caches, files: Sequence[NamedBytes], known: KeptFiles | None) -> Parsed:
        return _parsed(files, caches, known, is_whole=is_whole)

    return SealedFiles(caches.devices, files, schemas(), partial(parsed, caches), partial(parsed, NO_CACHES))


def _under(
    files: Sequence[NamedBytes],
    documents: Sequence[Document],
    amended: Sequence[Document],
    sealing: SealedFiles | None,
    models: Sequence[NamedBytes],
) -> Under:
    """All that devices come to but for inventories: files with profiles by what they say, others by their bytes, and
    what counts in place of what they say.
    """
    unread = sealing.unread() if sealing else ()
    spoken = {document.file for document in documents if document.kind == "Profile"}
    shared = content_digest((*(file for file in files if file.name not in unread and file.name not in spoken), *models))
    sealed = content_digest(file for file in files if file.name in unread)
    spoken_of = [document for document in documents if document.file in spoken]
    return Under.of([*spoken_of, *(one for one in amended if one.file not in spoken)], shared, sealed)


def _installed() -> Mapping[str, Platform]:
    from reconcile.runs.wiring import platforms

    return platforms()


def _are_built_in(types: Sequence[str]) -> bool:
    from reconcile.runs.wiring import are_built_in

    return are_built_in(types)


def _provider_problems(fleet: Document) -> Iterable[Diagnostic]:
    """What is wrong with providers of credentials; nothing is imported where none is named."""
    configs = platform_configs(fleet)
    if not any("provider" in str(config.spec.get("credentials")) for config in configs.values()):
        return ()
    from reconcile.runs.keys_check import check_providers

    return check_providers(fleet, configs)


def _filled(
    fleet: Document,
    entries: InventoryEntries,
    used: Mapping[str, Platform],
    listings: Listings | None,
    diagnostics: list[Diagnostic],
) -> Sequence[Filled]:
    """What clouds list. Nobody is asked on behalf of manifests that have errors."""
    from reconcile.runs.listings import unfilled

    configs = platform_configs(fleet)
    checked = [used[config.type].dialect.check_config(config) for config in configs.values() if config.type in used]
    is_wrong = any(not problem.is_warning for problems in checked for problem in problems)
    may_ask = not (is_wrong or has_errors(diagnostics))
    if listings is None:
        filled = unfilled(entries.listings, is_silent=not may_ask)
    else:
        filled = listings.fill(entries.listings, configs, state_config(fleet), may_ask=may_ask)
    diagnostics += (diagnostic for one in filled for diagnostic in one.diagnostics)
    return filled


def _lasting(filled: Iterable[Filled]) -> Iterable[NamedBytes]:
    """Listings by what lasts in them: a digest must not move whenever a device is heard."""
    return [NamedBytes(one.taken.name, one.taken.digest.encode()) for one in filled if one.taken]


def _inventories(source: Source, entries: InventoryEntries, diagnostics: list[Diagnostic]) -> list[NamedContent]:
    inventories = []
    for path, span in entries.files:
        file = source.read(path, INVENTORY_LIMIT_BYTES)
        if isinstance(file, Problem):
            diagnostics.append(placed(file, span, f"inventory {path}"))
        else:
            inventories.append(file)
    return inventories


def _check_unchanged(inventories: Iterable[NamedContent]) -> None:
    """Raises: ChangedMeanwhileError when one that is read from disk is not what it was when it was opened."""
    for file in inventories:
        if isinstance(file.content, LargeFile):
            file.content.check()


def _model_files(source: Source, fleet: Document | None, diagnostics: list[Diagnostic]) -> Sequence[NamedBytes]:
    found: dict[str, NamedBytes] = {}
    for path, span in listed_paths(fleet, "models") if fleet else ():
        files, problems = source.read_folder(path, MODELS_LIMIT_BYTES)
        # What is wrong with the folder itself stands where it is named; what is wrong inside names its own file.
        diagnostics += [
            replace(problem, span=span) if problem.span.file.rstrip("/") == path.rstrip("/") else problem
            for problem in problems
        ]
        found.update((file.name, file) for file in files)
    return [found[name] for name in sorted(found)]


def _models(dialect: Dialect, files: Sequence[NamedBytes], cache: ModelCache | None) -> Models:
    if cache is not None and isinstance(dialect, CondensesModels):
        files = cache.condensed(files, dialect)
    return dialect.load_models(files)


def _model_problems(models: Mapping[str, Models]) -> list[Diagnostic]:
    """What each dialect could not use."""
    return [
        replace(placed(problem, Span(file, problem.line, problem.column), ""), is_local=True)
        for known in models.values()
        for file, problem in known.problems
    ]


def _without_model(fleet: Fleet, dialects: Mapping[str, Dialect]) -> dict[DeviceRef, str]:
    """Devices that may be of a model whose file cannot be used: of its type, and with no other model known."""
    broken = {
        kind: next(file for file, problem in models.problems if not problem.is_warning)
        for kind, models in fleet.models.items()
        if any(not problem.is_warning for _, problem in models.problems)
    }
    found: dict[DeviceRef, str] = {}
    for desired in fleet.devices if broken else ():
        kind, ref = fleet.platforms[desired.device.ref.platform].type, desired.device.ref
        models = fleet.models.get(kind)
        if kind not in broken:
            continue
        if not _knows(models, dialects[kind].model_key(desired.device.identity), desired.document):
            found[ref] = f"its device model may be {broken[kind]}, which cannot be used"
    return found


def _knows(models: Models | None, model_key: str, document: DesiredDocument) -> bool:
    """Whether a broken file cannot be about this device, as far as its models tell."""
    if isinstance(models, KnowsResources):
        paths = [*(one.path for one in document.resources), *(command.execute for command in document.commands)]
        return models.knows_paths(model_key, paths)
    return isinstance(models, KnowsModels) and models.knows(model_key)


def _with_diagnostics(fleet: Fleet, diagnostics: Iterable[Diagnostic]) -> Fleet:
    return replace(fleet, diagnostics=in_order((*diagnostics, *fleet.diagnostics)))
