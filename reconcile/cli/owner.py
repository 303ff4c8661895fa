"""Who holds a lease."""

from __future__ import annotations


def owner() -> str:
    """Who holds a lease: told to whoever finds it held."""
    import getpass  # brings the terminal's settings

    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "unknown"
    return f"{name} (reconcile)"
