"""The address of a state in PostgreSQL: what libpq gets of it, and what people see of it."""

import pytest

from reconcile.model.errors import StateError
from reconcile.state.postgres.address import read_address

SECRET = "hunter2"


@pytest.fixture(autouse=True)
def no_libpq_settings(monkeypatch):
    for name in ("PGHOST", "PGHOSTADDR", "PGSSLMODE", "PGSERVICE", "PGCONNECT_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)


def test_schema_is_ours_and_everything_else_is_for_libpq():
    found = read_address("postgresql://me@db:6432/iot?schema=production&sslmode=verify-full&application_name=x")
    assert found.schema == "production"
    assert "schema" not in found.parameters
    assert found.parameters["sslmode"] == "verify-full"
    assert (found.parameters["host"], found.parameters["port"]) == ("db", "6432")
    assert found.shown == "postgresql://me@db:6432/iot?schema=production"
    assert read_address("postgres:///iot").schema == "reconcile"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me:{SECRET}@db/iot",
        f"postgresql://me@db/iot?password={SECRET}",
        f"postgresql://me@db/iot?sslpassword={SECRET}&schema=x",
    ],
)
def test_no_secret_is_shown(url):
    found = read_address(url)
    assert SECRET in found.parameters.values()
    assert SECRET not in repr(found)
    assert SECRET not in found.hide(f"password {SECRET} is wrong")


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me:{SECRET}%@db/iot",
        f"postgresql://me:{SECRET}@db/iot?nothing",
        f"postgresql://me:{SECRET}@[db/iot",
        f"postgresql://me:{SECRET}@db/iot?unknown=1",
        f"postgresql://me:{SECRET}@db/iot?schema=a;b",
        f"postgresql://me:{SECRET}@db/iot?schema=pg_catalog",
    ],
)
def test_address_that_cannot_be_read_is_refused_without_quoting_it(url):
    with pytest.raises(StateError, match="Correct") as caught:
        read_address(url)
    chain = f"{caught.value!r} {caught.value.__cause__!r}"
    assert SECRET not in chain


@pytest.mark.parametrize(
    ("url", "mode"),
    [
        ("postgresql://me@db.example/iot", "require"),
        ("postgresql://me@127.0.0.1,db.example/iot", "require"),
        ("postgresql://me@db.example/iot?sslmode=disable", "disable"),
        ("postgresql://me@127.0.0.1/iot", None),
        ("postgresql://me@%2Fvar%2Frun/iot", None),
        ("postgresql:///iot", None),
        ("postgresql:///iot?service=prod", None),
    ],
)
def test_other_machines_are_spoken_to_in_secret_unless_the_address_says_otherwise(url, mode):
    assert read_address(url).parameters.get("sslmode") == mode


def test_environment_of_libpq_counts(monkeypatch):
    monkeypatch.setenv("PGHOST", "db.example")
    assert read_address("postgresql:///iot").parameters["sslmode"] == "require"
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "2")
    assert {"sslmode", "connect_timeout"}.isdisjoint(read_address("postgresql:///iot").parameters)
