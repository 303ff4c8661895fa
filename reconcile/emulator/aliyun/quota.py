"""How often an account may call: the documented rates, when switch `aliyun_quota` enforces them."""

from __future__ import annotations

from reconcile.emulator.aliyun.errors import GatewayError
from reconcile.emulator.aliyun.operation import Operation
from reconcile.emulator.call import Call

_SLOW_ROWS = 100_000
_SLOW_PER_SECOND = 2


def check_quota(call: Call, operation: Operation) -> None:
    """Count the call, and raise GatewayError when it is one too many within its second."""
    if call.world.scene.switches["aliyun_quota"] == "off":
        return
    allowed = _SLOW_PER_SECOND if operation.slow_pages and _is_deep(call) else operation.per_second
    second = call.now_ms // 1000
    counted_second, count = call.world.quota.get(operation.action, (second, 0))
    count = count + 1 if counted_second == second else 1
    call.world.quota[operation.action] = (second, count)
    if count > allowed:
        raise GatewayError("Throttling.User")


def _is_deep(call: Call) -> bool:
    """Whether page times size reaches the rows from which on listings are slow."""
    texts = (call.params.get("CurrentPage") or "1", call.params.get("PageSize") or "10")
    if not all(text.isascii() and text.isdecimal() and len(text) < 10 for text in texts):
        return False
    return int(texts[0]) * int(texts[1]) >= _SLOW_ROWS
