"""Where rollouts stand, told after an apply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reconcile.cli.output import Console

if TYPE_CHECKING:
    from reconcile.model.rollout_note import RolloutNote


def tell_rollouts(console: Console, notes: Sequence[RolloutNote]) -> None:
    """A few lines for each rollout that is not done; nothing without one."""
    if notes:
        from reconcile.report.rollouts import standing_text

        for note in notes:
            console.tell(standing_text(note, lang=console.lang))
