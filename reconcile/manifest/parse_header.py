"""The first look at a document: is it one of ours, of which kind, and what is it called."""

from __future__ import annotations

from reconcile.manifest import codes
from reconcile.manifest.codes import problem
from reconcile.manifest.schema import API_VERSION, KINDS
from reconcile.manifest.suggest import did_you_mean, listed, quoted
from reconcile.manifest.yaml import Mapping, Node, Refused, Scalar
from reconcile.model.diagnostic import Diagnostic, Span
from reconcile.model.late import dataclass


@dataclass(frozen=True, slots=True)
class Header:
    """Kind, name and place of a document; `name` is None when it has none. Devices are told apart by platform, too."""

    kind: str
    name: str | None
    full_name: str
    span: Span


def read_header(file: str, root: Node) -> tuple[Header | None, list[Diagnostic]]:
    """The header of a document of a known kind, and what is wrong with apiVersion and kind."""
    span = Span(file, root.line, root.column)
    if not isinstance(root, Mapping):
        detail = "A document must be a mapping with apiVersion, kind, metadata and spec."
        return None, [problem(codes.WRONG_TYPE, detail, span)]
    found = _version_problems(file, root)
    kind, problems = _kind(file, root)
    found += problems
    if kind is None:
        return None, found
    name = _text(_member(root, "metadata"), "name")
    platform = _text(_member(root, "spec"), "platform") if kind == "Device" else None
    full_name = f"{platform}/{name}" if platform is not None else str(name)
    return Header(kind, name, full_name, _name_span(file, root)), found


def _version_problems(file: str, root: Mapping) -> list[Diagnostic]:
    version = _text(root, "apiVersion")
    if version == API_VERSION or isinstance(_member(root, "apiVersion"), Refused):
        return []
    if "apiVersion" not in root.members:
        detail = f"the document: key `apiVersion` is missing. Add `apiVersion: {API_VERSION}`."
        return [problem(codes.MISSING_KEY, detail, Span(file, root.line, root.column))]
    found = quoted(version) if version is not None else "no text"
    detail = f"`apiVersion`: found {found}, expected {API_VERSION}. This program reads no other version."
    return [problem(codes.UNKNOWN_KIND, detail, _value_span(file, root, "apiVersion"))]


def _kind(file: str, root: Mapping) -> tuple[str | None, list[Diagnostic]]:
    kind = _text(root, "kind")
    if kind in KINDS:
        return kind, []
    if "kind" not in root.members:
        detail = f"the document: key `kind` is missing. Add one of {listed(KINDS)}."
        return None, [problem(codes.MISSING_KEY, detail, Span(file, root.line, root.column))]
    if isinstance(_member(root, "kind"), Refused):
        return None, []
    found = quoted(kind) if kind is not None else "no text"
    meant = did_you_mean(kind, KINDS) if kind is not None else ""
    detail = f"`kind`: found {found}. {meant}Known: {listed(KINDS)}."
    return None, [problem(codes.UNKNOWN_KIND, detail, _value_span(file, root, "kind"))]


def _member(node: Node | None, key: str) -> Node | None:
    member = node.members.get(key) if isinstance(node, Mapping) else None
    return member[2] if member is not None else None


def _text(node: Node | None, key: str) -> str | None:
    member = _member(node, key)
    return member.text if isinstance(member, Scalar) and member.text else None


def _value_span(file: str, root: Mapping, key: str) -> Span:
    line, column, node = root.members[key]
    return Span(file, node.line, node.column) if isinstance(node, Scalar) and node.text else Span(file, line, column)


def _name_span(file: str, root: Mapping) -> Span:
    metadata = _member(root, "metadata")
    if isinstance(metadata, Mapping) and "name" in metadata.members:
        return Span(file, *metadata.members["name"][:2])
    return Span(file, root.line, root.column)
