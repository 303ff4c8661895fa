"""One schema error as diagnostics: place, what was found, what was expected, what to do. Secrets are never shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from reconcile.manifest import codes
from reconcile.manifest.codes import problem
from reconcile.manifest.document import Pointer
from reconcile.manifest.schema_positions import key_at, node_at
from reconcile.manifest.suggest import did_you_mean, listed, name_of, quoted
from reconcile.manifest.yaml import Listing, Mapping, Node, Scalar
from reconcile.model.diagnostic import Diagnostic, Span

_TYPE_WORDS = {
    "object": "a mapping (`key: value`)",
    "array": "a list (`[a, b]`)",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
_PLAIN_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_SWITCH_WORDS = {"on": "true", "yes": "true", "y": "true", "off": "false", "no": "false", "n": "false"}
_MOST_KEYS = 101
_SECRET_MEMBERS = frozenset({"credentials", "secret"})


class Wording:
    """Words for the errors of one document."""

    def __init__(self, file: str, root: Node) -> None:
        self._file = file
        self._root = root

    def diagnostics(self, error: Any) -> Iterator[Diagnostic]:
        """What a jsonschema error says to a person; one per key where it is about keys."""
        at: Pointer = tuple(error.absolute_path)
        match error.validator:
            case "required":
                yield from self._missing(at, error)
            case "additionalProperties":
                yield from self._unknown(at, error)
            case _:
                yield self._wrong(at, error)

    def unclear(self, at: Pointer, code: str, detail: str) -> Diagnostic:
        """A scalar without a meaning; its text may not be shown where a secret may stand."""
        detail = "found a number that cannot be read. Quote it." if _is_secret(at) else detail
        return problem(code, f"`{shown(at)}`: {detail}", self._value_span(at))

    def _missing(self, at: Pointer, error: Any) -> Iterator[Diagnostic]:
        for name in error.validator_value:
            if name not in error.instance:
                about = error.schema.get("properties", {}).get(name, {}).get("description", "")
                detail = f"{_inside(at)}: key `{name}` is missing. Add `{name}:`. {about}".rstrip()
                yield problem(codes.MISSING_KEY, detail, self._key_span(at))

    def _unknown(self, at: Pointer, error: Any) -> Iterator[Diagnostic]:
        known = list(error.schema.get("properties", {}))
        patterns = [re.compile(pattern) for pattern in error.schema.get("patternProperties", {})]
        allowed = error.schema.get("x-keys") or listed(known)
        strangers = (key for key in error.instance if key not in known and not any(p.search(key) for p in patterns))
        for key in islice(strangers, _MOST_KEYS):
            detail = f"{_inside(at)}: unknown key {name_of(key)}. {did_you_mean(key, known)}Allowed: {allowed}."
            yield problem(codes.UNKNOWN_KEY, detail, self._key_span((*at, key)))

    def _wrong(self, at: Pointer, error: Any) -> Diagnostic:
        if error.schema.get("x-secret") and error.validator in {"type", "not"}:
            return self._plain_secret(at, error.schema)
        node = node_at(self._root, at)
        code = codes.WRONG_TYPE if error.validator == "type" else codes.NOT_ALLOWED
        expected = _expected(error)
        if error.validator == "x-duration" and at:
            detail = f"`{shown(at)}`: {at[-1]} must be {expected}, found {self._found(at, node)}."
        elif isinstance(node, Mapping | Listing) and error.validator != "type":
            detail = f"{_inside(at)}: expected {expected}."
        else:
            detail = f"`{shown(at)}`: found {self._found(at, node)}, expected {expected}.{_hint(error, node)}"
        return problem(code, detail, self._value_span(at))

    def _plain_secret(self, at: Pointer, schema: dict[str, Any]) -> Diagnostic:
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(at[-1])).upper() if at else "NAME"
        # Values come from the environment only: a path in a manifest could send any file to a device.
        ways = f"{{env: {name}}}" if "env" in schema.get("required", ()) else f"{{env: {name}}} or {{file: PATH}}"
        detail = (
            f"`{shown(at)}`: expected where the secret comes from, not the secret. "
            f"Write {ways}, and change the secret: it is in git's history now."
        )
        return problem(codes.PLAIN_SECRET, detail, self._value_span(at))

    def _found(self, at: Pointer, node: Node | None) -> str:
        if isinstance(node, Mapping):
            return "a mapping"
        if isinstance(node, Listing):
            return "a list"
        if not isinstance(node, Scalar) or (node.is_plain and not node.text):
            return "nothing"
        if _is_secret(at):
            return "a value (not shown, it may be a secret)"
        if node.is_plain:
            return quoted(node.text)[1:-1]
        return f"the text {quoted(node.text)}"

    def _key_span(self, at: Pointer) -> Span:
        return Span(self._file, *key_at(self._root, at))

    def _value_span(self, at: Pointer) -> Span:
        node = node_at(self._root, at)
        # An empty value is reported at its key: libyaml puts it on the line of the next token.
        if node is None or (isinstance(node, Scalar) and not node.text) or isinstance(node, Mapping):
            return self._key_span(at)
        return Span(self._file, node.line, node.column)


def shown(at: Pointer) -> str:
    """A pointer for people: `spec.resources["/3303/0/5603"].value`."""
    text = ""
    for part in at:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_WORD.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{quoted(part)}]"
    return text


def _inside(at: Pointer) -> str:
    return f"`{shown(at)}`" if at else "the document"


def _is_secret(at: Pointer) -> bool:
    return not _SECRET_MEMBERS.isdisjoint(part for part in at if isinstance(part, str))


def _expected(error: Any) -> str:
    schema, argument = error.schema, error.validator_value
    match error.validator:
        case "x-duration" | "x-maxBytes" | "x-date":
            return str(error.message)
        case "type" if "x-expected" not in schema:
            return _types(argument)
        case "enum":
            return f"one of {listed(str(value) for value in argument)}"
        case "const":
            return f"`{argument}`"
        case "minimum" | "maximum":
            return _range(schema)
        case "uniqueItems":
            return "each item once"
        case "minItems" | "minProperties":
            return f"at least {argument} entry" if argument == 1 else f"at least {argument} entries"
        case "minLength" if "x-expected" not in schema:
            return "text that is not empty"
        case "maxLength" if "x-expected" not in schema:
            return f"at most {argument} characters"
    return str(schema.get("x-expected", f"{error.validator} {argument}"))


def _types(names: str | Sequence[str]) -> str:
    return " or ".join(_TYPE_WORDS[name] for name in ([names] if isinstance(names, str) else names))


def _range(schema: dict[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    kind = "a whole number" if schema.get("type") == "integer" else "a number"
    if low is not None and high is not None:
        return f"{kind} from {low} to {high}"
    return f"{kind} of at least {low}" if low is not None else f"{kind} of at most {high}"


def _hint(error: Any, node: Node | None) -> str:
    if not isinstance(node, Scalar):
        return ""
    if error.validator == "enum":
        meant = did_you_mean(node.text, [str(value) for value in error.validator_value]).rstrip()
        return f" {meant}" if meant else ""
    if error.validator != "type":
        return ""
    return _type_hint(error.validator_value, node)


def _type_hint(wanted: str | Sequence[str], node: Scalar) -> str:
    names = {wanted} if isinstance(wanted, str) else set(wanted)
    if not node.is_plain and "string" not in names and names & {"integer", "number", "boolean"}:
        return " Remove the quotes."
    if "boolean" in names and node.text.casefold() in _SWITCH_WORDS:
        return f" Write {_SWITCH_WORDS[node.text.casefold()]}; on, off, yes and no are text."
    if names & {"integer", "number"} and re.fullmatch(r"[0-9][0-9_,:]*", node.text):
        return " Write the digits alone, without `_`, `,` or `:`."
    if names == {"string"} and node.is_plain and not node.text:
        return ' Write a value, or "" for the empty text.'
    return " Write it as a list: `[...]`." if names == {"array"} else ""
