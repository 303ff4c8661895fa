"""The adopt run: look, choose the drift that is to stay, edit in memory, compile and compare, then write.

Nothing is written unless the edited manifests, compiled like any others, say of each adopted resource just what was
found and of everything else just what they said before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from reconcile.manifest.document import Fleet
from reconcile.manifest.parse import parse
from reconcile.model.desired import DesiredResource
from reconcile.model.diagnostic import Diagnostic
from reconcile.model.errors import ReconcileError
from reconcile.model.fleet import DesiredDevice
from reconcile.model.late import dataclass
from reconcile.model.plan import Plan
from reconcile.model.values import canonical
from reconcile.ports import NamedBytes, NamedContent, Problem, Source
from reconcile.runs.adoption.drifted import Adopted, Skipped, drifted
from reconcile.runs.adoption.rewrite import Rewriting
from reconcile.runs.listing_ask import listings_of
from reconcile.runs.listings import Freshness
from reconcile.runs.load import load
from reconcile.runs.plan import plan_now
from reconcile.runs.request import Refresh, Request, Scope
from reconcile.runs.session import Session
from reconcile.runs.shipped import schemas
from reconcile.runs.whole_file import replacing


@dataclass(frozen=True, slots=True)
class Adoption:
    """Edits that are ready to be written: file name to (content before, content after). `shared`: devices that change
    with a profile beside the one that was named.
    """

    adopted: Sequence[Adopted]
    skipped: Sequence[Skipped]
    files: Mapping[str, tuple[bytes | None, bytes]]
    shared: int = 0

    def diffs(self) -> Iterator[tuple[str, str | None, str]]:
        """Name, text before (None for a new file) and text after, by name."""
        for name, (before, after) in sorted(self.files.items()):
            yield name, None if before is None else before.decode(), after.decode()


@dataclass(frozen=True, slots=True)
class _Overlay:
    """A source with some manifests edited and some added."""

    below: Source
    edits: Mapping[str, bytes]

    def manifests(self) -> tuple[Sequence[NamedBytes], Sequence[Diagnostic]]:
        """Every manifest, the edited ones as they will be."""
        files, problems = self.below.manifests()
        names = {file.name for file in files}
        kept = [replace(file, content=self.edits.get(file.name, file.content)) for file in files]
        kept += [NamedBytes(name, content) for name, content in self.edits.items() if name not in names]
        return sorted(kept, key=lambda file: file.name), problems

    def read(self, path: str, limit_bytes: int) -> NamedContent | Problem:
        """As below."""
        return self.below.read(path, limit_bytes)

    def read_folder(self, path: str, limit_bytes: int) -> tuple[Sequence[NamedBytes], Sequence[Diagnostic]]:
        """As below."""
        return self.below.read_folder(path, limit_bytes)

    def commit(self) -> str | None:
        """None: nobody committed this."""
        return None


def prepare(
    session: Session,
    request: Request,
    is_meant: Callable[[DesiredDevice, str], bool],
    *,
    in_profile: bool,
) -> Adoption:
    """Looks, and works out the edits. Raises: ReconcileError when what they come to is not what was meant."""
    plan = plan_now(session, replace(request, refresh=Refresh.ALL)).plan
    return edits_for(session, plan, is_meant, in_profile=in_profile)


def edits_for(
    session: Session, plan: Plan, is_meant: Callable[[DesiredDevice, str], bool], *, in_profile: bool = False
) -> Adoption:
    """The edits that let the drift and the conflicts of a plan that looked stay. Raises: as `prepare`."""
    adopted, skipped = drifted(session, plan, is_meant)
    files, _ = session.source.manifests()
    documents, _ = parse(files, schemas())
    rewriting = Rewriting(documents, files)
    for one in adopted:
        device = one.device.device
        section = session.capabilities(device.ref.platform, device.identity).section
        rewriting.adopt(one, section, in_profile=in_profile)
    edits = rewriting.outcome()
    left = {(one.device, one.resource) for one in rewriting.skipped}
    done = [one for one in adopted if (str(one.device.device.ref), one.resource.path) not in left]
    shared = _check(session, done, edits, in_profile=in_profile) if edits else 0
    return Adoption(done, [*skipped, *rewriting.skipped], edits, shared)


def write(session: Session, adoption: Adoption) -> None:
    """Writes the files, each whole or not at all. Raises: ReconcileError when one was changed meanwhile; OSError."""
    folder = session.options.manifests
    for name, (before, _) in adoption.files.items():
        path = folder / name
        now = path.read_bytes() if path.exists() else None
        if now != before:
            raise ReconcileError(f"{name} was changed meanwhile, so nothing was written. Run it again.", code="RCL465")
    for name, (_, after) in adoption.files.items():
        with replacing(folder / name) as file:
            file.write(after)


def left_to_send(session: Session, adoption: Adoption) -> int:
    """How many requests a plan would now send for what was adopted; the clouds are asked again."""
    wanted = {(one.device.device.ref, one.resource.path) for one in adoption.adopted}
    refs = {ref for ref, _ in wanted}
    scope = Scope(lambda device: device.device.ref in refs, lambda path: any(path == known for _, known in wanted))
    return len(plan_now(session, Request(Refresh.ALL, scope)).plan.steps())


def _check(
    session: Session, adopted: Sequence[Adopted], edits: Mapping[str, tuple[bytes | None, bytes]], *, in_profile: bool
) -> int:
    """How many devices change that were not named. Raises: ReconcileError."""
    overlay = _Overlay(session.source, {name: after for name, (_, after) in edits.items()})
    options = session.options
    fleet = load(overlay, now=options.now(), listings=listings_of(options, Freshness.IF_KEPT))
    errors = [one for one in fleet.diagnostics if one.is_error]
    if errors:
        raise _unfit(f"{errors[0].span} {errors[0].summary} {errors[0].detail}")
    wanted: dict[object, dict[str, Adopted]] = {}
    for one in adopted:
        wanted.setdefault(one.device.device.ref, {})[one.resource.path] = one
    return _changed_beside(session.fleet, fleet, wanted, in_profile=in_profile)


def _changed_beside(
    before: Fleet, after: Fleet, wanted: Mapping[object, Mapping[str, Adopted]], *, in_profile: bool
) -> int:
    if [one.device.ref for one in before.devices] != [one.device.ref for one in after.devices]:
        raise _unfit("other devices would be declared")
    beside = 0
    for old, new in zip(before.devices, after.devices, strict=True):
        mine = wanted.get(old.device.ref, {})
        if (old.device.labels, old.device.identity) != (new.device.labels, new.device.identity):
            raise _unfit(f"{old.device.ref} would have other labels")
        if old.document.digest == new.document.digest and not mine:
            continue
        expected = {one.path: _said(_as_wanted(one, mine.get(one.path))) for one in old.document.resources}
        found = {one.path: _said(one) for one in new.document.resources}
        commands = [one.to_json() for one in old.document.commands] == [one.to_json() for one in new.document.commands]
        if expected == found and commands:
            continue
        if not in_profile or not all(found.get(path) == expected[path] for path in mine):
            path = next((path for path in sorted(expected) if expected[path] != found.get(path)), "")
            raise _unfit(f"{old.device.ref} {path} would be declared otherwise than meant")
        beside += 1
    return beside


def _as_wanted(resource: DesiredResource, one: Adopted | None) -> DesiredResource:
    return resource if one is None else replace(resource, value=one.value.value, value_type=one.value.value_type)


def _said(resource: DesiredResource) -> bytes:
    return canonical(resource.to_json())


def _unfit(why: str) -> ReconcileError:
    return ReconcileError(f"The edits do not come to what was meant, so nothing was written: {why}", code="RCL466")
