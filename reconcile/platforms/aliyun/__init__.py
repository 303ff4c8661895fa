"""Alibaba Cloud IoT Platform, API 2018-01-20: desired properties of thing models, each with a version.

Lives here: the thing models, the calls, their signatures and what their answers mean. Does not live here: what to
write when, and what to do about an attempt in doubt.
"""

from __future__ import annotations

from reconcile.platforms.aliyun.platform import PLATFORM

__all__ = ["PLATFORM"]
