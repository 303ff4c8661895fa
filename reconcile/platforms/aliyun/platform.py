"""The platform as the registry finds it; HTTP is imported when a client is opened, not before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from reconcile.platforms.aliyun.dialect import AliyunDialect
from reconcile.ports import Client, ClientSettings, Dialect, Examiner, Platform, PlatformConfig

API_VERSION: Final = 1


class AliyunPlatform:
    """`ports.Platform` of type `aliyun`."""

    __slots__ = ()

    @property
    def type(self) -> str:
        """The `type` in manifests."""
        return "aliyun"

    @property
    def dialect(self) -> Dialect:
        """Its pure half."""
        return _DIALECT

    def credential_names(self, config: PlatformConfig) -> Sequence[str]:
        """The access key; a security token is optional."""
        del config
        return ("accessKeyId", "accessKeySecret")

    def open(self, settings: ClientSettings) -> Client:
        """A client for one account; opens no connection yet. Raises: ReconcileError without an access key."""
        from reconcile.platforms.aliyun.client import AliyunClient

        return AliyunClient(settings)

    def examiner(self, config: PlatformConfig, endpoint: str | None) -> Examiner:
        """What `doctor` asks about one account; opens no connection."""
        from reconcile.platforms.aliyun.doctor import AliyunExaminer

        return AliyunExaminer(config, endpoint)


_DIALECT: Final = AliyunDialect()
PLATFORM: Final[Platform] = AliyunPlatform()
