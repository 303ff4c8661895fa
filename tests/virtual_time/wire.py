"""Requests and answers between the program's clients and the emulator's pure request handling, without a socket."""

from reconcile.emulator import Request
from reconcile.emulator.clock import http_date
from reconcile.platforms.http1.exchange import Answered

WAY_S = 0.02
"""How long a request takes to arrive; an answer takes as long at least."""


def as_emulated(origin, asked):
    """A client's request as the emulator takes it."""
    path, _, query = asked.target.partition("?")
    headers = {"host": origin.host} | {name.lower(): value for name, value in asked.headers}
    return Request(asked.method, path, query, headers, asked.body)


def as_answered(response):
    """The emulator's answer as a client reads it."""
    headers = [("Date", http_date(response.date_ms)), ("Content-Type", response.content_type), *response.headers]
    named = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    return Answered(response.status, named, response.body)
