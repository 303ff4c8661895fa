"""`postgresql://USER@HOST:PORT/DATABASE?schema=NAME&sslmode=...`: read, and shown without what is secret.

Everything but `schema` is libpq's: its parameters, environment variables (PGPASSWORD, PGPASSFILE, PGSERVICE ...) and
files count as for psql. Source: https://www.postgresql.org/docs/current/libpq-connect.html (34.1.1 to 34.1.2).
"""

from __future__ import annotations

import os
import re
from dataclasses import field
from typing import Final
from urllib.parse import unquote

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from reconcile.model.errors import StateError
from reconcile.model.late import dataclass

DEFAULT_SCHEMA: Final = "reconcile"
"""Where a state lies whose URL names no schema."""

_NAME = re.compile(r"(?!pg_)[A-Za-z_][A-Za-z0-9_-]{0,62}")
_SECRETS = ("password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key")
_HERE = ("", "localhost", "127.0.0.1", "::1")

_DEFAULTS: Final = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
"""Seconds, and milliseconds for the last: how long a silent network is believed in."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a state lies. `parameters` are for libpq and may hold secrets; `shown` holds none."""

    parameters: dict[str, str] = field(repr=False)
    schema: str
    shown: str

    def hide(self, text: str) -> str:
        """A text of libpq without the secrets of the address, on one line and short."""
        for name in _SECRETS:
            secret = self.parameters.get(name)
            if secret:
                text = text.replace(secret, "***")
        return " ".join(text.split())[:300]


def read_address(url: str) -> Address:
    """Raises: StateError, which never quotes what may hold a password."""
    base, _, query = url.partition("?")
    given = [part for part in query.split("&") if part]
    schemas = [unquote(part.removeprefix("schema=")) for part in given if part.startswith("schema=")]
    rest = "&".join(part for part in given if not part.startswith("schema="))
    schema = schemas[-1] if schemas else DEFAULT_SCHEMA
    if not _NAME.fullmatch(schema):
        raise StateError(
            f"the address of the state names a schema that cannot be: found {schema[:70]!r}, expected letters, digits, "
            "`_` and `-`, 63 at most, not beginning with `pg_`. Correct `schema=`."
        )
    try:
        found = conninfo_to_dict(f"{base}?{rest}" if rest else base)
    except ProgrammingError:  # its text may quote the password
        raise StateError(
            "the address of the state cannot be read: expected "
            "postgresql://USER@HOST:PORT/DATABASE?schema=NAME&sslmode=verify-full, with %-escapes for special signs. "
            "Correct --state."
        ) from None
    named = {name: str(value) for name, value in found.items() if value is not None}
    parameters = {**_DEFAULTS, **named}
    if "PGCONNECT_TIMEOUT" in os.environ and "connect_timeout" not in named:
        del parameters["connect_timeout"]
    if not _says_tls(named) and not _is_here(named):
        parameters["sslmode"] = "require"
    return Address(parameters, schema, _shown(named, schema))


def _says_tls(named: dict[str, str]) -> bool:
    """Whether somebody said how the connection is to be protected; libpq alone would fall back to plain text."""
    return bool({"sslmode", "service"} & named.keys() or {"PGSSLMODE", "PGSERVICE"} & os.environ.keys())


def _is_here(named: dict[str, str]) -> bool:
    hosts = named.get("hostaddr") or named.get("host") or os.environ.get("PGHOSTADDR") or os.environ.get("PGHOST", "")
    return all(host in _HERE or host.startswith(("/", "@")) for host in hosts.split(","))


def _shown(named: dict[str, str], schema: str) -> str:
    user = f"{named['user']}@" if "user" in named else ""
    port = f":{named['port']}" if "port" in named else ""
    host = named.get("host") or named.get("hostaddr", "")
    return f"postgresql://{user}{host}{port}/{named.get('dbname', '')}?schema={schema}"
