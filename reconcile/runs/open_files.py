"""How many connections this process may have open at once."""

from __future__ import annotations

MOST = 4096
_OTHERS = 128
"""For state, manifests, standard streams and what libraries hold open."""


def open_connections() -> int:
    """As many as the system lets us have, `MOST` at most; raises the soft limit of open files where it may."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return MOST
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST + _OTHERS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        raised = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
            soft = raised
        except (ValueError, OSError):
            pass  # then it stays as it is
    return MOST if soft == resource.RLIM_INFINITY else max(16, min(MOST, soft - _OTHERS))
