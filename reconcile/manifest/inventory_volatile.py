"""Selectors that ask for what changes at every contact: told, because they would match nothing for ever."""

from __future__ import annotations

from collections.abc import Sequence

from reconcile.manifest.document import DesiredDevice, Document
from reconcile.manifest.inventory_row import VOLATILE_FACTS
from reconcile.manifest.layer_codes import VOLATILE_SELECTOR
from reconcile.manifest.select import read_selector
from reconcile.model.diagnostic import Diagnostic


def volatile_selectors(documents: Sequence[Document], devices: Sequence[DesiredDevice]) -> list[Diagnostic]:
    """A warning for each selector on `status` or `lastContact` where no device was given such a label by a file."""
    found: list[Diagnostic] = []
    for document in documents:
        spec = document.body.get("spec")
        selector = spec.get("selector") if isinstance(spec, dict) else None
        for key in sorted(read_selector(selector).keys & set(VOLATILE_FACTS)):
            if not any(key in device.device.labels for device in devices):
                detail = (
                    f"{document.kind} {document.name}: {key} is kept with a listing and is no label, since it changes "
                    "at every contact. Select by another label, such as firmware or model"
                )
                found.append(VOLATILE_SELECTOR.at(document.span("spec", "selector"), detail))
    return found
