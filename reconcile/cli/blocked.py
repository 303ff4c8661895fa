"""What is said of devices that a plan leaves alone because something protected would be sent to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile.cli.counting import counted

if TYPE_CHECKING:
    from reconcile.cli.output import Console
    from reconcile.model.plan import Plan


def tell_blocked(console: Console, plan: Plan) -> None:
    """How many, the first of them, and where to look; nothing where nobody is blocked."""
    if not plan.blocked:
        return
    from reconcile.report.sanitise import inert

    first, devices = plan.blocked[0], len({notice.device for notice in plan.blocked})
    where = inert(f"{first.device} {first.resource}")
    if console.lang == "zh":
        console.tell(
            f"{devices} 台设备被拦截，未向其下发任何内容：受保护且清单未允许（首个：{where}）；见 `reconcile plan`。"
        )
    else:
        said = f"{counted(devices, 'device')} blocked and sent nothing: protected, and no manifest allows it"
        console.tell(f"{said} (the first: {where}); see `reconcile plan`.")
