"""Recorded state in a PostgreSQL database: one schema for each environment. Needs the extra `postgres`."""

from reconcile.state.postgres.store import Postgres, open_state

__all__ = ["Postgres", "open_state"]
