"""What is kept between runs beside the state, and can be made again: in the user's cache folder, one file a kind."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from reconcile.model.late import dataclass
from reconcile.runs.content_cache import cache_file
from reconcile.runs.model_cache import ModelCache


@dataclass(frozen=True, slots=True)
class Caches:
    """Those of one manifest folder; None where nothing can be kept."""

    models: ModelCache | None = None
    manifests: Path | None = None
    devices: Path | None = None
    valid: Path | None = None

    @classmethod
    def beside(cls, folder: Path, environ: Mapping[str, str]) -> Caches:
        """The caches for a manifest folder."""
        models = cache_file("models", folder, environ)
        kinds = (cache_file(kind, folder, environ) for kind in ("manifests", "devices", "valid"))
        return cls(None if models is None else ModelCache(models), *kinds)


NO_CACHES = Caches()
