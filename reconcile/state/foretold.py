"""The forecast of the plan last begun, kept until another plan with a forecast is begun."""

from __future__ import annotations

from reconcile.model.forecast import Forecast, Foretold
from reconcile.model.values import canonical
from reconcile.state.codec import loads
from reconcile.state.codec_times import read_time, write_time
from reconcile.state.sql import Sql


def foretell(connection: Sql, plan: str, foretold: Foretold) -> None:
    """Keeps it, unless that very plan was begun before: one that is resumed is scored from its beginning."""
    body = canonical({"at": write_time(foretold.at), "forecast": foretold.forecast.to_json()})
    connection.execute("UPDATE meta SET foretold = ? WHERE begun IS NULL OR begun <> ?", (body, plan))


def read_foretold(body: bytes) -> Foretold:
    """Raises: KeyError, TypeError or ValueError for what `foretell` did not write."""
    found = loads(body)
    at, forecast = found["at"], found["forecast"]
    if not isinstance(at, str) or not isinstance(forecast, dict):
        raise TypeError("not a forecast")
    return Foretold(read_time(at), Forecast.from_json(forecast))
