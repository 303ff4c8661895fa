"""The world's failures, split by the one question that matters after a write: did it land?

Policy: only a platform's `client` turns transport errors into these, with `raise ... from exc`; nobody parses an
exception's text. Messages carry the vendor's code and a short sanitised text, never a body, token or secret.
Source of the classes: docs/decisions/0003-response-classes.md.
"""

from __future__ import annotations


class ReconcileError(Exception):
    """Base of every failure that is not a bug of ours. `code` is one of the RCL codes."""

    code = "RCL400"

    def __init__(self, message: str, *, code: str | None = None, vendor_code: str = "") -> None:
        super().__init__(message)
        if code is not None:
            self.code = code
        self.vendor_code = vendor_code


class CallFailed(ReconcileError):
    """A call to a cloud did not succeed."""


class NotSent(CallFailed):
    """No byte reached the cloud: no effect, may go again at once."""

    code = "RCL401"


class Refused(CallFailed):
    """The cloud said no: no effect of this copy. `retry_after_s` is set when the refusal is only about pace.

    `account_wide`: it is about keys, permission, payment, instance or address, and would meet any device alike.
    """

    code = "RCL402"

    def __init__(
        self,
        message: str,
        *,
        vendor_code: str = "",
        retry_after_s: float | None = None,
        unreachable: bool = False,
        account_wide: bool = False,
    ) -> None:
        super().__init__(message, vendor_code=vendor_code)
        self.retry_after_s = retry_after_s
        self.is_unreachable = unreachable
        self.is_account_wide = account_wide or retry_after_s is not None


class Conflict(CallFailed):
    """The cloud's precondition failed: no effect of this copy; an earlier copy may have landed, so read back."""

    code = "RCL403"


class InDoubt(CallFailed):
    """May have happened, may yet happen, or never: only the cloud can tell."""

    code = "RCL404"

    @property
    def is_answered(self) -> bool:
        """True when the cloud itself gave an answer, with a code of its own: it works, whatever the device does."""
        return bool(self.vendor_code) and not self.vendor_code.startswith("HTTP ")


class StateError(ReconcileError):
    """The recorded state cannot be read or written."""

    code = "RCL500"


class StateTooNew(StateError):
    """The state was written by a newer version of the program."""

    code = "RCL501"


class LeaseHeld(StateError):
    """Somebody else is applying."""

    code = "RCL502"


class LeaseWatched(LeaseHeld):
    """Held on another machine, where nobody can see whether its holder lives.

    It is free when nothing is heard of the holder for `left_s` more seconds of watching; ask again before. `fence` is
    the holder's.
    """

    def __init__(self, message: str, left_s: float, fence: int | None = None) -> None:
        super().__init__(message)
        self.left_s = left_s
        self.fence = fence


class JournalBroken(StateError):
    """The hash chain of the journal does not hold: a record was changed or lost."""

    code = "RCL600"


class JournalRefused(StateError):
    """An entry that cannot follow where its intent stands: impossible, so nothing of its commit is written."""

    code = "RCL601"


class PlanRefused(ReconcileError):
    """A saved plan may not run (expired, consumed, other lineage, changed, stale)."""

    code = "RCL300"
