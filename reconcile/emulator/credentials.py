"""The credentials the emulator accepts. They are public, and open nothing but an emulator."""

ONENET_MASTER_KEY = "emulator-master-key"
ONENET_ACCESS_KEY = "ZW11bGF0b3ItYWNjZXNzLWtleS0wMDAwMDAwMDAwMDA="
ONENET_USER = "userid/38055"
ONENET_PRODUCT = "products/emulator"
ONENET_PROJECT = "projects/emulator"
ONENET_GROUPS = "projectid/emulator/groupid/"
"""Followed by a group's id: a token for the devices of that group (Studio)."""

ALIYUN_ACCESS_KEY_ID = "emulator-ak"
ALIYUN_ACCESS_KEY_SECRET = "emulator-secret"  # noqa: S105 - public, opens nothing
ALIYUN_SECURITY_TOKEN = "emulator-sts"  # noqa: S105 - public, opens nothing
ALIYUN_EXPIRED_SECURITY_TOKEN = "emulator-sts-expired"  # noqa: S105 - public, opens nothing
ALIYUN_READER_KEY_ID = "emulator-ak-reader"
ALIYUN_READER_KEY_SECRET = "emulator-reader-secret"  # noqa: S105 - public, opens nothing
