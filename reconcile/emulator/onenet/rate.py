"""Calls a second: the account's limit, when a switch puts it in force.

Source: OneNET Studio, use limits (100 a second per source IP); NB-IoT book, FAQ#126 (300 a second).
"""

from __future__ import annotations

from collections.abc import Callable

from reconcile.emulator.call import Call
from reconcile.emulator.messages import Answer


def refusal(call: Call, api: str, throttled: Callable[[Call], Answer]) -> Answer | None:
    """The answer to a call above the rate (switch `onenet_rate`), None to the others. All callers share one address."""
    limit = call.world.scene.switches["onenet_rate"]
    if limit == "off":
        return None
    second, used = call.world.quota.get(f"onenet/{api}", (0, 0))
    now_s = call.real_ms // 1000
    used = used + 1 if second == now_s else 1
    call.world.quota[f"onenet/{api}"] = (now_s, used)
    return throttled(call) if used > int(limit) else None
