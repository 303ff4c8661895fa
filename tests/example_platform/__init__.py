"""A third cloud, as somebody else would add it: a package with an entry point, and not a line changed in ours.

The cloud is a toy: things with desired values and versions, one read and one write, a bearer token. `reconcile.ports` is
all that is imported of the program, besides the nouns in `reconcile.model`.
"""

from __future__ import annotations

from collections.abc import Sequence

from example_platform.dialect import ToyDialect
from reconcile.ports import Client, ClientSettings, Dialect, PlatformConfig


class ToyPlatform:
    """The platform of type `toycloud`."""

    type = "toycloud"

    def __init__(self) -> None:
        self.dialect: Dialect = ToyDialect()

    def credential_names(self, config: PlatformConfig) -> Sequence[str]:
        """The token."""
        return ("token",)

    def open(self, settings: ClientSettings) -> Client:
        """A client; the HTTP library is imported here and not before. Raises: ReconcileError without a token."""
        from example_platform.client import ToyClient

        return ToyClient(settings)


PLATFORM = ToyPlatform()
