"""Which definition applies to an object: the fleet's own where there is one, else the shipped one.

Two definitions of one object: the higher ObjectVersion applies; of equal ones the file that sorts first. Each time a
warning names both files, unless they say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace

from reconcile.model.late import dataclass
from reconcile.platforms.onenet.model import ids
from reconcile.platforms.onenet.objects.definition import ObjectDefinition, Resource
from reconcile.platforms.onenet.objects.shipped import shipped, shipped_names
from reconcile.platforms.onenet.objects.unusable import BadXml, NotADefinition, meant
from reconcile.ports import NamedBytes, Problem

MAX_FILES = 2_000


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Object definitions by id; `ports.Models` of this platform.

    `unread` are the objects whose definition could not be read; None when a file does not tell which it defines.
    """

    own: Mapping[int, ObjectDefinition] = field(default_factory=dict)
    problems: tuple[tuple[str, Problem], ...] = ()
    unread: frozenset[int] | None = frozenset()

    def find(self, object_id: int) -> ObjectDefinition | None:
        """The definition of an object, or None."""
        return self.own.get(object_id) or shipped(object_id)

    def resource(self, object_id: int, res_id: int) -> Resource | None:
        """The definition of a resource, or None."""
        found = self.find(object_id)
        return None if found is None else found.resources.get(res_id)

    def knows_paths(self, paths: Iterable[str]) -> bool:
        """Whether no definition of these resources' objects was left out for being broken."""
        if self.unread is None:
            return not any(True for _ in paths)
        return self.unread.isdisjoint(ids(path)[0] for path in paths)

    def names(self) -> Iterator[tuple[int, str]]:
        """Ids and names of all objects, ascending."""
        known = {**shipped_names(), **{object_id: own.name for object_id, own in self.own.items()}}
        yield from sorted(known.items())


def load(files: Iterable[NamedBytes]) -> Catalogue:
    """The object definitions among the files (`*.xml`); other files are passed over."""
    own: dict[int, ObjectDefinition] = {}
    problems: list[tuple[str, Problem]] = []
    unread: list[frozenset[int] | None] = []
    for count, file in enumerate(sorted(filter(is_definition, files), key=lambda file: file.name)):
        if count == MAX_FILES:
            problems.append((file.name, _unusable(BadXml(f"there are more than {MAX_FILES:,} definition files"))))
            unread.append(None)
            break
        try:
            for found in _definitions(file):
                problems += _add(own, found)
        except BadXml as exc:
            problems.append((file.name, _unusable(exc)))
            unread.append(meant(file.content))
        except NotADefinition:
            problems.append((file.name, _NOT_A_DEFINITION))
    known = [one for one in unread if one is not None]
    return Catalogue(own, tuple(problems), frozenset().union(*known) if len(known) == len(unread) else None)


def is_definition(file: NamedBytes) -> bool:
    """True for a file that is read as an object definition, by its name."""
    return file.name.lower().endswith(".xml")


def _definitions(file: NamedBytes) -> tuple[ObjectDefinition, ...]:
    """What a file defines. The readers are imported when there is something to read: most fleets have no file."""
    if file.is_condensed:
        from reconcile.platforms.onenet.objects.condensed import read_condensed

        return read_condensed(file.content, file.name)
    from reconcile.platforms.onenet.objects.ddf import read_ddf

    return read_ddf(file.content, file.name)


def _add(own: dict[int, ObjectDefinition], found: ObjectDefinition) -> Iterator[tuple[str, Problem]]:
    other = own.setdefault(found.id, found)
    if other is found or replace(found, file=other.file) == other:
        return
    kept, left = (found, other) if found.version > other.version else (other, found)
    own[found.id] = kept
    yield left.file, _twice(kept, left)


def _twice(kept: ObjectDefinition, left: ObjectDefinition) -> Problem:
    versions = ".".join(map(str, left.version)), ".".join(map(str, kept.version))
    return Problem(
        "RCL243",
        "object is defined in two files",
        f"Object {left.id} version {versions[0]} here and version {versions[1]} in {kept.file}: the latter applies "
        "(the higher version, or the first name). Keep one file.",
        is_warning=True,
    )


def _unusable(exc: BadXml) -> Problem:
    return Problem(
        "RCL240",
        "LwM2M object definition cannot be used",
        f"{exc.reason[:1].upper()}{exc.reason[1:]}. Take the file from OMA's registry again, correct it, or move it "
        "out of the `models` folders.",
        line=exc.line,
        column=exc.column,
    )


_NOT_A_DEFINITION = Problem(
    "RCL244",
    "XML file is no LwM2M object definition",
    "Its root element is not LWM2M, so it is passed over. Move it out of the `models` folders, or correct it.",
    is_warning=True,
)
