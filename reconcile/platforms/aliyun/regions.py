"""Where the service runs: the documented regions and their addresses.

Source: Aliyun IoT endpoint data of the official SDK; Enterprise instances also in Beijing and Shenzhen (FAQ about
instances); VPC addresses from the API description. Other regions of the vendor have no address of their own.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final

REGIONS: Final = (
    *("cn-shanghai", "ap-southeast-1", "ap-northeast-1", "us-west-1", "us-east-1", "eu-central-1"),
    *("cn-beijing", "cn-shenzhen"),
)
"""The last two for Enterprise instances."""

_HOST: Final = re.compile(r"iot(?:-vpc)?\.([a-z0-9-]+)\.aliyuncs\.com", re.ASCII)


def endpoint_of(region: str) -> str:
    """The public address of a region, also of one that is not documented."""
    return f"https://iot.{region}.aliyuncs.com"


def region_of(host: str) -> str | None:
    """The region that an address of the vendor names, public or VPC; None for any other address."""
    found = _HOST.fullmatch(host)
    return found[1] if found else None


def advice(region: str) -> str | None:
    """What to do about a region that no page lists; None for one that is listed."""
    if region in REGIONS:
        return None
    close = get_close_matches(region, REGIONS, n=1, cutoff=0.75)
    meant = f"Did you mean {close[0]}? " if close else ""
    return f"{meant}The service is documented in {', '.join(REGIONS)}. For another one give its `endpoint`."
