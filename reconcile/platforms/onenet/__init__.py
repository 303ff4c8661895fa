"""China Mobile OneNET: LwM2M devices by instant and cached commands, over three API generations, and thing models.

Importing it loads no HTTP library; `open` does.
"""

from __future__ import annotations

from collections.abc import Sequence

from reconcile.platforms.onenet import config as entry
from reconcile.platforms.onenet.dialect import OneNetDialect
from reconcile.platforms.onenet.kinds import KindsDialect
from reconcile.ports import Client, ClientSettings, Dialect, Examiner, Platform, PlatformConfig

API_VERSION = 1


class OneNet:
    """The platform of type `onenet`."""

    type = "onenet"

    def __init__(self) -> None:
        self.dialect: Dialect = KindsDialect(OneNetDialect())

    def credential_names(self, config: PlatformConfig) -> Sequence[str]:
        """`masterKey` for the classic API where it is given, accessKey for every API that takes tokens."""
        return entry.needed_credentials(config)

    def open(self, settings: ClientSettings) -> Client:
        """A client for one account; opens no connection yet. Raises: ReconcileError for a missing or malformed key."""
        from reconcile.platforms.onenet.client import OneNetClient

        return OneNetClient.open(settings)

    def examiner(self, config: PlatformConfig, endpoint: str | None) -> Examiner:
        """What `doctor` asks about one account; opens no connection."""
        from reconcile.platforms.onenet.doctor import OneNetExaminer

        return OneNetExaminer(config, endpoint)


PLATFORM: Platform = OneNet()
