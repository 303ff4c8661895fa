"""How a written value is read for one kind of device: variables filled in, secrets marked, checked by the dialect."""

from __future__ import annotations

import math
from collections.abc import Mapping

from reconcile.manifest.layer_codes import BAD_VARIABLE, BURIED_SECRET, MISSING_LABEL
from reconcile.manifest.layer_entries import is_secret_form, secret_source
from reconcile.manifest.resolve_faults import Fault
from reconcile.manifest.variables import Mentions, is_one_variable, substitute
from reconcile.model.diagnostic import Span
from reconcile.model.late import dataclass
from reconcile.model.values import Json, is_secret, secret
from reconcile.ports import Capabilities, Dialect, Models, Problem, TypedValue


@dataclass(frozen=True, slots=True)
class Reading:
    """How values are read for one kind of device: by which dialect and model, and with which variables."""

    dialect: Dialect
    models: Models
    model_key: str
    labels: Mapping[str, str]
    device_name: str

    @property
    def capabilities(self) -> Capabilities:
        """What the platform can do for that kind of device."""
        return self.dialect.capabilities(self.model_key)

    def path(self, written: str) -> str | Problem:
        """The canonical path of a resource as written, in numbers or in the model's names."""
        return self.dialect.read_path(self.models, self.model_key, written)

    def shown(self, path: str) -> str:
        """The path for people, as written and with the model's names."""
        shown = self.dialect.show_path(self.models, self.model_key, path)
        return shown if path in shown else f"{path} ({shown})"

    def missing(self, mentioned: Mentions, span: Span, about: str) -> Fault | None:
        """Why the variables cannot be filled in, or None."""
        if mentioned.unknown:
            expected = "expected ${label:NAME} or ${device.name}. Correct it, or write $${ for a plain ${"
            return Fault.of(BAD_VARIABLE, span, about, f"Found {mentioned.unknown[0]}, {expected}")
        absent = sorted(mentioned.labels - self.labels.keys())
        if absent:
            advice = f"or add {{key: {absent[0]}, operator: Exists}} to the selector"
            detail = f"The device has no label {absent[0]!r}. Add it to the inventory or the Device document, {advice}"
            return Fault.of(MISSING_LABEL, span, about, detail)
        return None

    def filled(self, value: Json) -> Json:
        """The value with its variables filled in and secrets replaced by their markers."""
        source = secret_source(value)
        if source is not None:
            return secret(*source)
        return substitute(value, self.labels, self.device_name)

    def value(self, path: str, written: Json, value_type: str | None) -> TypedValue | Problem:
        """The written value in the dialect's form, or why the resource cannot hold it."""
        value = self.filled(written)
        if _buries_secret(value):
            advice = "A secret can only be the whole value of a resource. Write the resource as {secret: {env: NAME}}"
            return Problem(BURIED_SECRET.code, BURIED_SECRET.summary, f"{advice}.")
        found = self.dialect.read_value(self.models, self.model_key, path, value, value_type)
        if isinstance(found, Problem) and isinstance(value, str) and is_one_variable(written):
            # Labels are text, so the model says whether `${label:threshold}` stands for a number.
            number = _scalar(value)
            if not isinstance(number, str):
                again = self.dialect.read_value(self.models, self.model_key, path, number, value_type)
                return found if isinstance(again, Problem) and again.code == found.code else again
        return found


def _scalar(text: str) -> Json:
    """A label's text as the number or boolean that YAML would read, or the text itself."""
    if text in ("true", "false"):
        return text == "true"
    digits = text.removeprefix("-")
    if not (digits[:1].isdigit() and digits.isascii()) or "_" in digits:
        return text
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        return number if math.isfinite(number) else text
    return text


def _buries_secret(value: Json) -> bool:
    if isinstance(value, dict) and not is_secret(value):
        return any(is_secret_form(item) or _buries_secret(item) for item in value.values())
    return isinstance(value, list) and any(is_secret_form(item) or _buries_secret(item) for item in value)
