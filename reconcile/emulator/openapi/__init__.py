"""An OpenAPI 3.1 description of the emulator, made from the tables by which it serves its calls."""

from reconcile.emulator.openapi.document import document

__all__ = ["document"]
